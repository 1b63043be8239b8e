//! A document against its schema in `schemas/`, as far as these schemas go.

use serde_json::Value;

/// Holds that `document` is what `schemas/NAME.json` says.
#[track_caller]
pub(crate) fn check(name: &str, document: &Value) {
    let path = format!("{}/../../schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut faults = Vec::new();
    Checker { root: &schema }.value(name, document, &schema, &mut faults);
    assert!(faults.is_empty(), "{faults:#?} in {document:#}");
}

struct Checker<'s> {
    root: &'s Value,
}

impl Checker<'_> {
    fn value(&self, at: &str, value: &Value, schema: &Value, faults: &mut Vec<String>) {
        if let Some(target) = schema["$ref"].as_str() {
            let pointer = target.strip_prefix('#').expect("references stay in the schema");
            let target = self.root.pointer(pointer).expect("references lead somewhere");
            self.value(at, value, target, faults);
        }
        if let Some(wanted) = schema.get("const").filter(|wanted| *wanted != value) {
            faults.push(format!("{at}: {value} is not {wanted}"));
        }
        if schema.get("type").is_some_and(|wanted| !is_of_type(value, wanted)) {
            faults.push(format!("{at}: {value} is no {}", schema["type"]));
        }
        if schema["minimum"].as_f64() > value.as_f64() && value.is_number() {
            faults.push(format!("{at}: {value} is under {}", schema["minimum"]));
        }
        for (word, fits) in [("oneOf", 1..=1), ("anyOf", 1..=usize::MAX)] {
            let Some(choices) = schema[word].as_array() else { continue };
            let fitting = choices.iter().filter(|choice| self.fits(value, choice)).count();
            if !fits.contains(&fitting) {
                faults.push(format!("{at}: {fitting} of its {word} fit {value}"));
            }
        }
        self.members(at, value, schema, faults);
    }

    fn members(&self, at: &str, value: &Value, schema: &Value, faults: &mut Vec<String>) {
        let required = schema["required"].as_array().into_iter().flatten();
        for key in required.filter_map(Value::as_str) {
            if value.is_object() && value.get(key).is_none() {
                faults.push(format!("{at}: no {key}"));
            }
        }
        for (key, member) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            match schema["properties"].get(key).or_else(|| schema.get("additionalProperties")) {
                Some(schema) => self.value(&at, member, schema, faults),
                // Readers tolerate unknown keys; our own writers have none.
                None if schema.get("properties").is_some() && schema.get("oneOf").is_none() => {
                    faults.push(format!("{at}: not in the schema"));
                }
                None => {}
            }
        }
        if let Some(schema) = schema.get("items") {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                self.value(&format!("{at}[{index}]"), item, schema, faults);
            }
        }
    }

    fn fits(&self, value: &Value, schema: &Value) -> bool {
        let mut faults = Vec::new();
        self.value("", value, schema, &mut faults);
        faults.is_empty()
    }
}

fn is_of_type(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        other => panic!("unknown type {other}"),
    }
}
