//! `tacho baseline`, and the change against one.

use crate::text::{below_headline, listing, summary};
use crate::world::World;

#[test]
fn a_life() {
    let world = World::new();
    world.tacho(&["baseline", "list"]).exits(0).shows(&["no baselines yet"]).in_silence();
    let empty = world.tacho(&["baseline", "list", "--json"]).exits(0).json();
    assert_eq!(empty, serde_json::json!({ "schema_version": 1, "baselines": [] }));

    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    world.tacho(&["baseline", "save", "main"]).exits(0).says(&["baseline `main` is now capture"]);
    let first = world.newest().header.id.to_string();
    world.tacho(&["run", "-r", "2", "--save-baseline", "v1.0", "true"]).exits(0);
    let second = world.newest().header.id.to_string();
    world.tacho(&["baseline", "save", "copy/of-main", "main"]).exits(0);
    insta::assert_snapshot!("baselines", listing(&world.tacho(&["baseline", "list"]).stdout));
    let capture_of = |name: &str| {
        let doc = world.tacho(&["baseline", "show", name, "--json"]).exits(0).in_silence().json();
        doc["capture"]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(capture_of("main"), first);
    assert_eq!(capture_of("v1.0"), second);
    assert_eq!(capture_of("copy/of-main"), first);

    // A name that is taken moves.
    world.tacho(&["baseline", "save", "main", "v1.0"]).exits(0);
    assert_eq!(capture_of("main"), second);

    // One that is unknown spoils none of the others.
    world.tacho(&["baseline", "rm", "main", "mian"]).exits(2).says(&["did you mean `main`?"]);
    assert_eq!(capture_of("main"), second);
    world.tacho(&["baseline", "rm", "main", "copy/of-main"]).exits(0).says(&["forgot"]);
    world.tacho(&["baseline", "show", "main"]).exits(2).says(&["there is no baseline `main`"]);
    let left = world.tacho(&["baseline", "list", "--json"]).exits(0).json();
    assert_eq!(left["baselines"].as_array().unwrap().len(), 1);
    assert_eq!(world.captures().len(), 2, "captures stay");
}

#[test]
fn names_that_no_baseline_may_have() {
    let world = World::new();
    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    for name in ["", "a b", "latest", "a\nb", "ä*"] {
        world.tacho(&["baseline", "save", name]).exits(2);
    }
    world
        .tacho(&["baseline", "save", "main", "nothing"])
        .exits(2)
        .says(&["no capture or baseline"]);
    world.tacho(&["baseline", "list"]).exits(0).shows(&["no baselines yet"]);
}

#[test]
fn the_change_against_a_baseline() {
    let world = World::with(
        "[defaults]\nruns = 6\n[[workload]]\nname = \"a\"\ncommand = [\"sleep\", \"0.00{n}\"]\n\
         params.n = [1, 2]\n",
    );
    world.tacho(&["run", "--save-baseline", "main", "n=1"]).exits(0);
    let run = world.tacho(&["run", "--baseline", "main"]).exits(0).in_silence();
    insta::assert_snapshot!("against", summary(&run.stdout));
    let show = world.tacho(&["show", "--baseline", "main"]).exits(0).in_silence();
    assert_eq!(run.stdout, below_headline(&show.stdout));
    let doc = world.tacho(&["show", "--baseline", "main", "--json"]).exits(0).json();
    let change = &doc["points"][0]["change"];
    assert_eq!(change["against"], "main");
    assert!(change["ratio"].as_f64().unwrap() > 0.0 && change["interval"].is_object());
    assert!(doc["points"][1]["change"].is_null(), "a point that the baseline lacks has none");

    // Asked for before anything is measured.
    let before = world.captures().len();
    world.tacho(&["run", "--baseline", "mian"]).exits(2).says(&["did you mean `main`?"]);
    assert_eq!(world.captures().len(), before);
}

/// A baseline stays what it is while it is compared with, and moves only when all is done.
#[test]
fn against_and_saved_under_one_name() {
    let world = World::new();
    world.tacho(&["run", "-r", "6", "--save-baseline", "main", "true"]).exits(0);
    let words = ["run", "-r", "6", "--baseline", "main", "--save-baseline", "main", "true"];
    world.tacho(&words).exits(0).shows(&["vs main"]);
    let doc = world.tacho(&["baseline", "list", "--json"]).exits(0).json();
    assert_eq!(doc["baselines"][0]["capture"], world.newest().header.id.as_str());
}
