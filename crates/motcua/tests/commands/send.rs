//! `motcua send`: what is said when nothing can be sent. That it sends is shown where units run.

use std::net::TcpListener;

use crate::motcua;

#[test]
fn an_address_where_no_broker_is_is_named() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nats = format!("nats://{}", listener.local_addr().unwrap());
    drop(listener);
    motcua(&["send", "--nats", &nats, "H33-27", "worklist", "{}"])
        .names(&[&nats, "correct the URL"]);
    motcua(&["send", "--nats", "no address", "H33-27", "worklist", "{}"])
        .names(&["no address", "correct the URL"]);
}

#[test]
fn what_cannot_be_a_unit_or_a_command_is_named() {
    motcua(&["send", "H33 27", "worklist", "{}"]).names(&["H33 27", "such as H33-12-04"]);
    motcua(&["send", "H33-27.>", "worklist", "{}"]).names(&["H33-27.>"]);
    motcua(&["send", "H33-27", "work.list", "{}"]).names(&["work.list"]);
    motcua(&["send", "H33-27", "*", "{}"]).names(&["`*`"]);
    motcua(&["send", "H33-27"]).names(&["COMMAND"]);
}
