//! The expansion: the function as it is, and beside it what registers it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ItemFn, Lit, RangeLimits, Result};

use crate::keys::{Complexity, Keys, Step, Throughput};
use crate::signature::{Input, Signature};

/// The function and its registration, or the function and an error.
pub(crate) fn bench(keys: TokenStream, function: &TokenStream) -> TokenStream {
    let expanded = syn::parse2(keys).and_then(|keys| registration(&keys, function));
    let beside = expanded.unwrap_or_else(|error| error.to_compile_error());
    quote! { #function #beside }
}

fn registration(keys: &Keys, function: &TokenStream) -> Result<TokenStream> {
    let span = function.span();
    let function: ItemFn = syn::parse2(function.clone()).map_err(|error| {
        Error::new(span, format!("#[tacho_bench::bench] stands above a function: {error}"))
    })?;
    let signature = Signature::of(&function, keys)?;
    let conditions: Vec<&Attribute> =
        function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let said = said(keys)?;
    let workloads = workloads(keys, &signature)?;
    let name = keys.name.clone().unwrap_or_else(|| plain_name(&signature));
    let group = keys.group.as_ref().map_or_else(|| quote!(None), |group| quote!(Some(#group)));
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            const PLACE: ::tacho_bench::Place =
                ::tacho_bench::Place { file: ::core::file!(), line: ::core::line!() };

            fn said(
                name: ::std::string::String,
                params: ::tacho_bench::Params,
                call: ::tacho_bench::Call,
            ) -> ::tacho_bench::Workload {
                #said
            }

            fn workloads() -> ::std::vec::Vec<::tacho_bench::Workload> {
                let name =
                    ::tacho_bench::expansion::full_name(::core::module_path!(), #group, #name);
                #workloads
            }

            ::tacho_bench::expansion::submit! {
                ::tacho_bench::expansion::Registration::new(PLACE, workloads)
            }
        };
    })
}

/// The function's name without `r#`.
fn plain_name(signature: &Signature) -> String {
    let name = signature.name.to_string();
    name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned)
}

/// The body of the function that says everything but name, parameters and call.
fn said(keys: &Keys) -> Result<TokenStream> {
    let mut lines = Vec::new();
    match keys.complexity.as_ref().map(|(complexity, _)| complexity) {
        Some(Complexity::Text(text)) => lines.push(quote! {
            workload.complexity = Some(::tacho_bench::Complexity::Expression(#text));
        }),
        Some(Complexity::Function(model)) => lines.push(quote! {
            workload.complexity = Some(::tacho_bench::Complexity::Function(#model));
        }),
        None => {}
    }
    let tags = &keys.tags;
    if !tags.is_empty() {
        lines
            .push(quote! { workload.tags = ::std::vec![#(::std::string::String::from(#tags)),*]; });
    }
    if let Some(group) = &keys.variant_of {
        lines.push(quote! { workload.variant_of = Some(::std::string::String::from(#group)); });
    }
    if keys.cold {
        lines.push(quote! { workload.cold = true; });
    }
    if let Some(threads) = &keys.threads {
        lines.push(quote! {
            workload.threads = ::core::iter::IntoIterator::into_iter(#threads).collect();
        });
    }
    if let Some(throughput) = &keys.throughput {
        let throughput = amount(throughput);
        lines.push(quote! { workload.throughput = Some(#throughput); });
    }
    if let Some(expected) = &keys.expected_hash {
        let expected = expected_hash(expected);
        lines.push(quote! { workload.expected = #expected; });
    }
    if let Some(cap) = keys.cap_nanos {
        lines.push(quote! { workload.cap_nanos = Some(#cap); });
    }
    if let Some(target) = keys.target_nanos {
        lines.push(quote! { workload.target_nanos = Some(#target); });
    }
    let mutable = (!lines.is_empty()).then(|| quote!(mut));
    Ok(quote! {
        let #mutable workload = ::tacho_bench::Workload::at(PLACE, name, params, call);
        #(#lines)*
        workload
    })
}

/// A function from a parameter to what a call works through.
fn amount(throughput: &Throughput) -> TokenStream {
    let (kind, amount) = match throughput {
        Throughput::Bytes(amount) => (quote!(Bytes), amount),
        Throughput::Elements(amount) => (quote!(Elements), amount),
    };
    let function = if is_function(amount) {
        amount.to_token_stream()
    } else {
        quote! { |n: u64| -> u64 { let _ = n; (#amount) as u64 } }
    };
    quote! { ::tacho_bench::Throughput::#kind(#function) }
}

/// A closure, or a path that is written as functions are; `n` is the parameter.
fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Path(path) => path.path.segments.last().is_some_and(|segment| {
            let name = segment.ident.to_string();
            name != "n" && name.starts_with(char::is_lowercase)
        }),
        _ => false,
    }
}

fn expected_hash(expected: &Expr) -> TokenStream {
    match expected {
        Expr::Array(list) => {
            quote! { ::tacho_bench::Expected::At(::std::vec::Vec::from(#list)) }
        }
        one => quote! { ::tacho_bench::Expected::Always(#one) },
    }
}

/// The expression of all workloads of the function.
fn workloads(keys: &Keys, signature: &Signature) -> Result<TokenStream> {
    let body = call(keys, signature);
    if let Some(ladder) = &keys.ladder {
        let params = ladder_params(ladder, keys)?;
        let kind = item_type(keys, signature);
        return Ok(quote! {
            ::tacho_bench::expansion::stepped::<#kind>(said, name, #params, |bencher, item| #body)
        });
    }
    let Some(args) = &keys.args else {
        return Ok(quote! {
            let call = |bencher: &mut ::tacho_bench::Bencher, _: u64| #body;
            ::std::vec![
                said(name, ::tacho_bench::Params::Fixed, ::std::boxed::Box::new(call))
            ]
        });
    };
    if keys.setup.is_some() && is_whole_numbers(args) {
        return Ok(quote! {
            let params = ::tacho_bench::Params::List(::std::vec::Vec::from(#args));
            ::tacho_bench::expansion::stepped(said, name, params, |bencher, item| #body)
        });
    }
    let kind = item_type(keys, signature);
    let collected = quote_spanned! { args.span() =>
        ::core::iter::Iterator::collect(::core::iter::IntoIterator::into_iter(#args))
    };
    Ok(quote! {
        let values: ::std::vec::Vec<#kind> = #collected;
        ::tacho_bench::expansion::Values::new(values).workloads(said, &name, |bencher, item| #body)
    })
}

/// The type of what the function is called with, where its signature tells it.
fn item_type(keys: &Keys, signature: &Signature) -> TokenStream {
    match &signature.input {
        Input::Value(kind) if keys.setup.is_none() => kind.to_token_stream(),
        Input::Reference(kind) if keys.ladder.is_some() && keys.setup.is_none() => {
            kind.to_token_stream()
        }
        _ => quote!(_),
    }
}

/// Whether a list has whole numbers alone, as they are written.
fn is_whole_numbers(args: &Expr) -> bool {
    let Expr::Array(list) = args else { return false };
    list.elems
        .iter()
        .all(|element| matches!(element, Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_))))
}

fn ladder_params(ladder: &Expr, keys: &Keys) -> Result<TokenStream> {
    let Expr::Range(range) = ladder else {
        return Ok(quote! {
            ::tacho_bench::Params::List(
                ::core::iter::IntoIterator::into_iter(#ladder).collect()
            )
        });
    };
    let (Some(start), Some(end)) = (&range.start, &range.end) else {
        return Err(Error::new(range.span(), "a ladder has two ends, as in 1..=1024"));
    };
    let ends = match range.limits {
        RangeLimits::Closed(_) => quote!((low, high)),
        RangeLimits::HalfOpen(_) => quote!(::tacho_bench::expansion::half_open(low, high)),
    };
    let step = match keys.step {
        Some((Step::Double, _)) => quote!(Some(::tacho_bench::Step::Double)),
        Some((Step::Linear, _)) => quote!(Some(::tacho_bench::Step::Linear)),
        Some((Step::Bracket, _)) => quote!(Some(::tacho_bench::Step::Bracket)),
        None => quote!(None),
    };
    Ok(quote! {{
        let (low, high): (u64, u64) = (#start, #end);
        let (low, high): (u64, u64) = #ends;
        ::tacho_bench::Params::Ladder { low, high, step: #step }
    }})
}

/// The body of the closure that measures the function, given `bencher` and perhaps `item`.
fn call(keys: &Keys, signature: &Signature) -> TokenStream {
    let function = &signature.name;
    let describe = describe(keys, signature);
    if signature.takes_bencher {
        let argument = direct_argument(keys, signature);
        let called = quote! { #function(bencher #(, #argument)*) };
        let answer = answer(keys);
        return if signature.returns {
            quote! {{
                let output = &#called;
                let answer = #answer;
                bencher.described(answer);
            }}
        } else {
            quote! {{ #called; }}
        };
    }
    if let Some(setup) = &keys.setup {
        return with_setup(keys, signature, setup, &describe);
    }
    if let Some((executor, _)) = &keys.executor {
        let argument = direct_argument(keys, signature);
        return quote! {
            bencher.iter_async_described(
                #executor,
                || #function(#(::tacho_bench::black_box(#argument)),*),
                #describe,
            )
        };
    }
    match &signature.input {
        Input::Value(_) => quote! {
            ::tacho_bench::expansion::each(bencher, item, |item| #function(item), #describe)
        },
        _ => {
            let argument = direct_argument(keys, signature);
            quote! {
                bencher.iter_described(
                    || #function(#(::tacho_bench::black_box(#argument)),*),
                    #describe,
                )
            }
        }
    }
}

/// The function's own value, where it takes one.
fn direct_argument(keys: &Keys, signature: &Signature) -> Vec<TokenStream> {
    match &signature.input {
        Input::Nothing | Input::Mutable => Vec::new(),
        Input::Value(_) => vec![quote! { ::tacho_bench::expansion::copy_of(item) }],
        Input::Reference(_) if keys.ladder.is_some() => vec![quote!(item)],
        Input::Reference(kind) => {
            vec![quote! { ::core::borrow::Borrow::<#kind>::borrow(item) }]
        }
    }
}

/// What the set-up makes, once a batch for who borrows it and once a call for the others.
fn with_setup(
    keys: &Keys,
    signature: &Signature,
    setup: &Expr,
    describe: &TokenStream,
) -> TokenStream {
    let function = &signature.name;
    let has_item = keys.args.is_some() || keys.ladder.is_some();
    let item = has_item.then(|| quote! { ::tacho_bench::expansion::copy_of(item) }).into_iter();
    let make = quote! { || (#setup)(#(#item),*) };
    match (&signature.input, &keys.executor) {
        (Input::Reference(_), Some((executor, _))) => quote! {{
            let state = (#make)();
            bencher.iter_async_described(
                #executor,
                || #function(::tacho_bench::black_box(&state)),
                #describe,
            )
        }},
        (Input::Reference(_), None) => quote! {
            bencher.with_state(#make).iter_described(
                |state| #function(::tacho_bench::black_box(&*state)),
                #describe,
            )
        },
        (Input::Mutable, _) => quote! {
            bencher.with_input(#make).iter_mut_described(|input| #function(input), #describe)
        },
        (Input::Value(_) | Input::Nothing, _) => quote! {
            bencher.with_input(#make).iter_described(|input| #function(input), #describe)
        },
    }
}

/// The closure that looks at an output.
fn describe(keys: &Keys, signature: &Signature) -> TokenStream {
    if signature.returns {
        let answer = answer(keys);
        quote! { |output| #answer }
    } else {
        quote! { |_| ::tacho_bench::expansion::Answer::nothing() }
    }
}

/// What is told of `output`, a reference.
fn answer(keys: &Keys) -> TokenStream {
    if let Some(span) = keys.hash_text {
        return quote_spanned! { span => ::tacho_bench::expansion::Answer::of_text(output) };
    }
    let hash = if keys.no_hash {
        quote! { ::tacho_bench::expansion::Answer::no_hash() }
    } else {
        quote! { ::tacho_bench::expansion::HashOf::new(output).result_hash() }
    };
    quote! {
        ::tacho_bench::expansion::Answer::new(
            #hash,
            ::tacho_bench::expansion::PreviewOf::new(output).preview(),
        )
    }
}

#[cfg(test)]
mod tests;
