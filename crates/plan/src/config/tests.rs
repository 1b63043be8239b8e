use super::*;

/// The manual must not lack a setting, and what is counted on must have a value.
#[test]
fn the_defaults_are_whole() {
    let text = include_str!("../defaults.toml");
    assert!(DeTable::parse(text).is_ok());
    for key in read::SETTING_KEYS.iter().chain(&read::WHOLE_KEYS).chain(&read::WORKLOAD_KEYS) {
        let is_there = text.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.']))
        });
        assert!(is_there, "{key} is not in defaults.toml");
    }
    let Defaults { settings, whole } = &Defaults::default();
    let bounds =
        crate::layer::Bounds::of(settings, crate::layer::Kind::Command, &mut Problems::default());
    assert_eq!((bounds.min_runs, bounds.max_runs), (10, crate::setting::count::RUNS_MAX));
    let given = [
        settings.shell.is_some(),
        settings.launcher.is_some(),
        settings.dir.is_some(),
        settings.ignore_failure.is_some(),
        settings.output.is_some(),
        settings.statistic.is_some(),
        whole.max_points.is_some(),
        whole.jobs.is_some(),
    ];
    assert_eq!(given, [true; 8]);
}

/// Every key that is suggested is read.
#[test]
fn the_keys_are_whole() {
    for key in read::SETTING_KEYS.iter().chain(&read::WHOLE_KEYS) {
        let text = format!("[defaults]\n{key} = 1979-05-27\n");
        let problems =
            parse("x", text.as_bytes(), Utf8Path::new(""), &crate::Defaults::default()).err();
        let told = problems.map(|it| it.to_string()).unwrap_or_default();
        assert!(told.contains("expected") && told.contains(key), "{key}: {told}");
    }
}
