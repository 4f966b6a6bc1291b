//! What the process holds in memory is read by nobody else and written to no disk: there are people's values and keys
//! in it.
#![allow(clippy::disallowed_methods, reason = "an edge: this module asks the system what the process may do")]

use std::fs;

use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

/// `MCL_ONFAULT` of Linux, which nix has no name for: what is never touched takes no memory.
const ON_FAULT: MlockAllFlags = MlockAllFlags::from_bits_retain(4);
/// `CAP_IPC_LOCK`, as a bit of what the kernel says of a process.
const MAY_LOCK: u64 = 1 << 14;

/// The system keeps no image of it, lets no other process of the same user read it or its environment, and puts nothing
/// of it into swap. What cannot be had so is had as it is: the unit that is shipped asks for the same.
pub(super) fn keep_to_itself() {
    if may_lock_all() {
        let _ = mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | ON_FAULT);
    }
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let _ = set_dumpable(false);
}

/// Whether there is no end to what may be locked. Under a limit nothing is: memory beyond it could not be had at all,
/// and a night would end in its middle.
fn may_lock_all() -> bool {
    let is_endless = getrlimit(Resource::RLIMIT_MEMLOCK).is_ok_and(|(most, _)| most == RLIM_INFINITY);
    is_endless || fs::read_to_string("/proc/self/status").is_ok_and(|status| may_lock(&status))
}

fn may_lock(status: &str) -> bool {
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    capabilities.is_some_and(|all| u64::from_str_radix(all.trim(), 16).is_ok_and(|all| all & MAY_LOCK != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_lock_memory_is_known_by_what_the_kernel_says() {
        assert!(may_lock("Name:\tbex\nCapEff:\t000001ffffffffff\n") && may_lock("CapEff:\t0000000000004000"));
        for status in ["CapEff:\t00000000a80425fb", "CapEff:\t0000000000000000", "CapPrm:\t000001ffffffffff", ""] {
            assert!(!may_lock(status), "{status}");
        }
    }
}
