//! Keys that are understood, and what is said to the others.

use super::*;

fn refused(keys: &str, why: &str) {
    let Err(error) = syn::parse_str::<Keys>(keys) else { panic!("{keys} is taken") };
    assert!(error.to_string().contains(why), "{keys}: {error}");
}

#[test]
fn every_key_is_taken() {
    let keys: Keys = syn::parse_str(
        "name = \"n\", group = \"g\", ladder = 1..=10, step = linear, complexity = \"n^2\", \
         variant_of = \"v\", tags = [\"a\", \"b\"], cold, threads = [1, 2], \
         throughput = bytes(n * 8), expected_hash = 0x1, cap = \"1s\", batch_time = \"20ms\", \
         setup = make, executor = block_on, no_hash,",
    )
    .expect("all are keys");
    assert_eq!((keys.name.as_deref(), keys.group.as_deref()), (Some("n"), Some("g")));
    assert!(keys.ladder.is_some() && keys.args.is_none());
    assert_eq!(keys.step.map(|(step, _)| step), Some(Step::Linear));
    assert!(matches!(keys.complexity, Some((Complexity::Text(text), _)) if text == "n^2"));
    assert_eq!(keys.tags, ["a", "b"]);
    assert!(keys.cold && keys.no_hash);
    assert_eq!((keys.cap_nanos, keys.target_nanos), (Some(1_000_000_000), Some(20_000_000)));
    assert!(matches!(keys.throughput, Some(Throughput::Bytes(_))));
    assert!(keys.setup.is_some() && keys.executor.is_some() && keys.threads.is_some());
}

#[test]
fn few_keys_are_taken() {
    for keys in [
        "",
        "cold",
        "hash_text",
        "hash_text = false, no_hash",
        "cold = true",
        "args = LIST",
        "args = values()",
        "ladder = [1, 2]",
    ] {
        assert!(syn::parse_str::<Keys>(keys).is_ok(), "{keys}");
    }
    for function in ["complexity = model", "complexity = |n| n as f64", "complexity = my::model"] {
        let keys: Keys = syn::parse_str(&format!("args = [1], {function}")).expect(function);
        assert!(matches!(keys.complexity, Some((Complexity::Function(_), _))), "{function}");
    }
    let keys: Keys = syn::parse_str("cold = false").expect("a flag may be said");
    assert!(!keys.cold);
}

#[test]
fn other_keys_are_refused() {
    refused("laddr = 1..=2", "unknown key `laddr`: did you mean `ladder`?");
    refused("expected = 1", "unknown key `expected`: there are name, group");
    refused("bench_time = \"1s\"", "did you mean `batch_time`?");
    refused("name = \"a\", name = \"b\"", "`name` is given twice");
    refused("name", "`name` needs a value: name = \"text\"");
    refused("name = 1", "`name`: expected string literal");
    refused("name = \" \"", "`name` is empty");
    refused("group = \"a\\n\"", "`group` has control characters");
    refused("cap = \"soon\"", "`cap`: \"soon\" is no duration");
    refused("cap = 5", "as in cap = \"1s\"");
    refused("step = double", "say `ladder = 1..=1024` with it");
    refused("ladder = [1, 2], step = double", "say `ladder = 1..=1024` with it");
    refused("ladder = 1..=2, step = treble", "double, linear or bracket");
    refused("ladder = 1..=2, args = [1]", "say one of them");
    refused("hash_text, no_hash", "exclude each other");
    refused("hash_text = 1", "`hash_text`: expected boolean literal");
    refused("tags = [quick]", "a tag is text");
    refused("tags = \"quick\"", "`tags`: expected square brackets; as in tags = [");
    refused("complexity = 5", "`complexity` is an expression in n");
    refused("complexity = \"\"", "`complexity` is empty");
    refused("throughput = 5", "`throughput` is bytes(…) or elements(…)");
    refused("throughput = bits(5)", "`throughput` is bytes(…) or elements(…)");
    refused("throughput = bytes(1, 2)", "`throughput` is bytes(…) or elements(…)");
    refused("cold cold", "expected `,`");
    refused("5", "a key is expected here: there are name, group");
    refused("variant_of", "`variant_of` needs a value: variant_of = \"text\"");
    refused("cold = 1", "`cold`: expected boolean literal; as in cold");
    refused("args = 5", "`args` is a list of values: args = [1, 10, 100]");
    refused("threads = 4", "`threads` is a list of values: threads = [1, 2, 4]");
    refused("ladder = \"1..8\"", "`ladder` is a list of values: ladder = 1..=1024");
    refused("expected_hash = \"0x1\"", "without quotes: expected_hash = 0x");
    refused("throughput = bytes(\"n\")", "`throughput` is bytes(…) or elements(…)");
    refused("complexity = \"n\"", "how the time grows with a parameter");
}
