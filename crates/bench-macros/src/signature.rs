//! What a benchmark's function takes, and so how it is called.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, Result, ReturnType, Type, TypeReference};

use crate::keys::Keys;

/// How a function is given its input.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// It has none.
    Nothing,
    /// A value of this type.
    Value(TokenStream),
    /// A reference to a value: what is behind it.
    Reference(TokenStream),
    /// A mutable reference to what its set-up makes.
    Mutable,
}

/// A function that can be measured.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) name: Ident,
    pub(crate) takes_bencher: bool,
    pub(crate) input: Input,
    pub(crate) is_async: bool,
    pub(crate) returns: bool,
}

impl Signature {
    /// Looks at what a function takes, and whether that goes with the keys.
    pub(crate) fn of(function: &ItemFn, keys: &Keys) -> Result<Self> {
        let signature = &function.sig;
        if !signature.generics.params.is_empty() {
            let message = "a benchmark has no generics: write one for each type";
            return Err(Error::new(signature.generics.span(), message));
        }
        if let Some(keyword) = &signature.unsafety {
            let message = "a benchmark is safe to call: put the unsafe block into its body";
            return Err(Error::new(keyword.span(), message));
        }
        let mut takes = Vec::new();
        for argument in &signature.inputs {
            match argument {
                FnArg::Typed(typed) => takes.push(&*typed.ty),
                FnArg::Receiver(receiver) => {
                    let message = "a benchmark is a free function, not a method";
                    return Err(Error::new(receiver.span(), message));
                }
            }
        }
        let takes_bencher = takes.first().is_some_and(|first| is_bencher(first));
        let values = if takes_bencher { &takes[1..] } else { &takes[..] };
        if let Some(one_too_many) = values.get(1) {
            let message = "a benchmark takes at most a `&mut Bencher` and one value, in this order";
            return Err(Error::new(one_too_many.span(), message));
        }
        let returns = match &signature.output {
            ReturnType::Default => false,
            ReturnType::Type(_, kind) => {
                !matches!(&**kind, Type::Tuple(tuple) if tuple.elems.is_empty())
            }
        };
        let made = Self {
            name: signature.ident.clone(),
            takes_bencher,
            input: values.first().map_or(Input::Nothing, |kind| input(kind)),
            is_async: signature.asyncness.is_some(),
            returns,
        };
        made.check(function, keys, values.first().copied())?;
        Ok(made)
    }

    /// Whether the form goes with the keys.
    fn check(&self, function: &ItemFn, keys: &Keys, value: Option<&Type>) -> Result<()> {
        let at_name = |message: &str| Err(Error::new(function.sig.ident.span(), message));
        let has_numbers = keys.args.is_some() || keys.ladder.is_some();
        match (&keys.setup, value) {
            (Some(_), _) if self.takes_bencher => {
                at_name("with `setup` a benchmark takes no Bencher: the set-up is done for it")
            }
            (Some(setup), None) => {
                let message = "with `setup` a benchmark takes what the set-up makes";
                Err(Error::new(setup.span(), message))
            }
            (None, Some(value)) if matches!(self.input, Input::Mutable) => {
                let message = "a mutable input is made anew for each call: say `setup = …`";
                Err(Error::new(value.span(), message))
            }
            (None, Some(value)) if !self.takes_bencher && names_bencher(value) => {
                Err(Error::new(value.span(), "a Bencher is taken as `&mut Bencher`"))
            }
            (None, Some(value)) if !has_numbers => {
                let message = "where does this value come from? Say `args = [..]`, \
                               `ladder = 1..=1024` or `setup = …`";
                Err(Error::new(value.span(), message))
            }
            (None, None) if has_numbers => {
                at_name("it takes no parameter: write one, as `n: u64`, or leave out the numbers")
            }
            _ => self.check_async(function, keys),
        }
    }

    fn check_async(&self, function: &ItemFn, keys: &Keys) -> Result<()> {
        let at_name = |message: &str| Err(Error::new(function.sig.ident.span(), message));
        match (&keys.executor, self.is_async) {
            (Some((_, span)), false) => {
                let message = "`executor` is for an async fn: a Bencher has iter_async";
                Err(Error::new(*span, message))
            }
            (None, true) => {
                at_name("an async benchmark needs `executor = …`, as pollster::block_on")
            }
            (Some(_), true) if self.takes_bencher => {
                at_name("an async benchmark takes no Bencher: a plain fn has Bencher::iter_async")
            }
            (Some(_), true)
                if keys.setup.is_some() && !matches!(self.input, Input::Reference(_)) =>
            {
                at_name("an async benchmark takes what its set-up makes by reference")
            }
            _ => Ok(()),
        }
    }
}

fn input(kind: &Type) -> Input {
    match kind {
        Type::Reference(TypeReference { mutability: Some(_), .. }) => Input::Mutable,
        // What lives for ever is a value that happens to point somewhere.
        Type::Reference(TypeReference { lifetime: Some(_), .. }) => {
            Input::Value(kind.to_token_stream())
        }
        Type::Reference(TypeReference { elem, .. }) => Input::Reference(elem.to_token_stream()),
        Type::Paren(inside) => input(&inside.elem),
        Type::Group(inside) => input(&inside.elem),
        other => Input::Value(other.to_token_stream()),
    }
}

/// Whether a type is `&mut Bencher`, by whatever path.
fn is_bencher(kind: &Type) -> bool {
    let Type::Reference(TypeReference { mutability: Some(_), elem, .. }) = kind else {
        return false;
    };
    names_bencher(elem)
}

/// Whether a type is `Bencher`, or a reference to one.
fn names_bencher(kind: &Type) -> bool {
    let kind = match kind {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    let Type::Path(path) = kind else { return false };
    path.path.segments.last().is_some_and(|segment| segment.ident == "Bencher")
}
