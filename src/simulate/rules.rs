//! What must hold for a simulated carrier.

crate::fault::rules! {
    NOT_STARTED: "SIM001" Ours Error, "a simulated carrier cannot be started",
        "check that its folder is writable and that loopback ports are free";
}
