use super::*;

/// A line for each workload that a text lists: its name, and what it is or why it is refused.
fn check(text: &str) -> String {
    let listing = Listing {
        argv: Vec::new(),
        dir: ".".to_owned(),
        name: "./bench".to_owned(),
        text: text.to_owned(),
    };
    let told = |registered: Registered| {
        let what = registered.batches.map(|batches| {
            let dimensions = (&batches.threads, batches.cache_mode, &batches.params);
            format!("{dimensions:?}")
        });
        format!("{}: {}\n", registered.name, what.unwrap_or_else(|why| why))
    };
    read(&listing, &Words::Named(Vec::new())).into_iter().map(told).collect()
}

/// The keys of a line, after the version.
fn line(keys: &str) -> String {
    format!("{{\"schema_version\":1,{keys}}}\n")
}

#[test]
fn what_can_be_measured() {
    let text = [
        line(r#""name":"a","kind":"fixed""#),
        line(r#""name":"b","kind":"parametric","ladder":{"low":1,"high":4},"cache_mode":"cold""#),
        line(r#""name":"c","kind":"parametric","ladder":{"low":6,"high":8},"complexity":"2^n""#),
        line(r#""name":"d","kind":"parametric","ladder":{"low":6,"high":7,"step":"linear"}"#),
        line(r#""name":"e","kind":"parametric","params":[9,1,9],"cache_mode":"warm""#),
        line(r#""name":"f","kind":"parametric","params":[9,1],"model":{"1":0.5}"#),
        line(r#""name":"g","kind":"fixed","threads":[2,1,2],"unknown":null"#),
        "  {\"schema_version\": 1, \"name\": \" h \", \"kind\": \"fixed\"}\r\n".to_owned(),
    ];
    insta::assert_snapshot!(check(&text.concat()));
}

/// Each is refused by its name, in words that a reader can act on.
#[test]
fn what_cannot() {
    let text = [
        r#"{"schema_version":2,"name":"version","kind":"fixed"}"#.to_owned(),
        r#"{"name":"no version","kind":"fixed"}"#.to_owned(),
        line(r#""name":"kind","kind":"sometimes""#),
        line(r#""name":"no kind""#),
        line(r#""kind":"fixed""#),
        line(r#""name":"","kind":"fixed""#),
        line(r#""name":3,"kind":"fixed""#),
        line(r#""name":"no rungs","kind":"parametric""#),
        line(r#""name":"empty","kind":"parametric","params":[]"#),
        line(r#""name":"backwards","kind":"parametric","ladder":{"low":9,"high":1}"#),
        line(r#""name":"both","kind":"parametric","ladder":{"low":1,"high":1},"params":[1]"#),
        line(r#""name":"list","kind":"parametric","ladder":{"low":1,"high":1,"step":"list"}"#),
        line(r#""name":"step","kind":"parametric","ladder":{"low":1,"high":1,"step":"jump"}"#),
        line(r#""name":"negative","kind":"parametric","params":[-1]"#),
        line(r#""name":"fixed rungs","kind":"fixed","params":[1]"#),
        line(r#""name":"growth","kind":"parametric","params":[1],"complexity":"n log n""#),
        line(r#""name":"NaN","kind":"parametric","params":[1],"model":{"1":NaN}"#),
        line(r#""name":"huge","kind":"parametric","params":[1],"model":{"1":1e999}"#),
        line(r#""name":"no threads","kind":"fixed","threads":[0]"#),
        line(r#""name":"no time","kind":"fixed","target_nanos":0"#),
        line(r#""name":"error","kind":"fixed","error":"it is\nregistered twice.""#),
        r#"{"schema_version":1,"name":"cut","ki"#.to_owned(),
        r#"{"schema_version":1,"na"#.to_owned(),
    ];
    let text = text.map(|line| line.trim().to_owned());
    insta::assert_snapshot!(check(&text.join("\n")));
    let long = line(&format!(r#""name":"long","kind":"fixed","error":"{}""#, "ä".repeat(9000)));
    assert!(check(&long).chars().count() < 700);
}

/// What a program prints besides its list is no business of ours.
#[test]
fn what_is_left_out() {
    for text in [
        "",
        "running 0 tests\n\ntest result: ok.\n",
        "{\"level\":\"info\",\"name\":\"x\"}",
        "[{\"schema_version\":1}]",
        "{not json",
        "schema_version",
    ] {
        assert_eq!(check(text), "", "{text:?}");
    }
}
