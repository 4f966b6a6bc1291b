//! Any bytes: acknowledgements are read or refused, the same each time, and what is kept is short and plain.

use x12::ack::{self, Of};

fn plain(text: &str) {
    assert!(text.len() <= 35 && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
}

/// What holds of every input.
pub fn holds(data: &[u8]) {
    let first = ack::read(data).map_err(|error| (error.code(), error.position()));
    assert_eq!(first, ack::read(data).map_err(|error| (error.code(), error.position())));
    for ack in first.unwrap_or_default() {
        [&ack.sender.id, &ack.receiver.id, &ack.interchange].iter().for_each(|text| plain(text));
        match ack.of {
            Of::Interchange(ack) => plain(&ack.control_number),
            Of::Group(group) => {
                plain(&group.control_number);
                group.sets.iter().for_each(|set| plain(&set.control_number));
            }
        }
    }
}
