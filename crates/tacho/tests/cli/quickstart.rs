//! The manifest that a newcomer runs first.

use tacho_schema::Status;

use crate::world::World;

const MANIFEST: &str = include_str!("../../../../examples/quickstart/tacho.toml");

#[test]
fn it_measures_every_point_and_cleans_up() {
    let world = World::with(MANIFEST);
    world.tacho(&["run", "-r", "1", "-w", "0"]).exits(0).in_silence();
    let plan = world.tacho(&["show", "--json"]).exits(0).json();
    let points = plan["points"].as_array().unwrap();
    assert_eq!(points.len(), 7, "{plan:#}");
    assert!(points.iter().all(|point| point["rows"] == 1), "{plan:#}");
    assert!(world.rows().iter().all(|row| row.status == Status::Ok));
    assert_eq!(world.names("."), [".tacho", "tacho.toml"]);
}
