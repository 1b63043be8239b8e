use tacho_schema::version::Version;

use super::*;

fn setting(key: &str, value: &str, layer: ConfigLayer, place: Option<&str>) -> ConfigSetting {
    let source = Some(ConfigSource { layer, place: place.map(str::to_owned) });
    ConfigSetting { key: key.to_owned(), value: Some(value.to_owned()), source }
}

#[test]
fn tables() {
    let none = ConfigSetting { key: "stdin".to_owned(), value: None, source: None };
    let settings = vec![
        setting("precision", "\"2%\"", ConfigLayer::BuiltIn, None),
        setting("runs", "20", ConfigLayer::Flag, Some("--runs")),
        setting("warmup", "1", ConfigLayer::Profile, Some("tacho.toml:9:10")),
        setting("setup", "\"make all of it first\"", ConfigLayer::Manifest, Some("tacho.toml:3:9")),
        setting(
            "timeout",
            "\"9s\"",
            ConfigLayer::User,
            Some("/home/me/.config/tacho/config.toml:2:11"),
        ),
        none,
    ];
    let section = |name: Option<&str>| ConfigSection {
        workload: name.map(str::to_owned),
        settings: settings.clone(),
    };
    let doc = |sections: Vec<ConfigSection>| ConfigDoc {
        schema_version: Version,
        manifest: Some("tacho.toml".to_owned()),
        user: None,
        profile: Some("ci".to_owned()),
        profiles: vec!["ci".to_owned()],
        sections,
    };
    for (name, width) in [("config_80", Some(80)), ("config_pipe", None)] {
        let style = Style { width, ..Style::PIPE };
        insta::assert_snapshot!(name, super::settings(&doc(vec![section(None)]), &style));
    }
    let two = doc(vec![section(Some("gzip/{level}")), section(Some("sort"))]);
    insta::assert_snapshot!("config_two", super::settings(&two, &Style::PIPE));
}
