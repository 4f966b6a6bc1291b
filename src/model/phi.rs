//! A wrapper that a personal value cannot be printed out of by accident.

use std::fmt;

/// A personal value. `Debug` prints a fixed mark whatever is inside; there is no `Display` and no
/// serialisation. The only way out is [`Phi::reveal`], and a test counts the places that call it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// What `Debug` prints in place of the value.
    pub const MARK: &'static str = "▒▒";

    /// Wraps a value.
    pub fn new(value: T) -> Phi<T> {
        Phi(value)
    }

    /// The value itself. Every call site is listed in `docs/ARCHITECTURE.md`.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl Phi<String> {
    /// Whether nothing is held, which may be asked without revealing it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(Self::MARK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_does_not_print_itself() {
        let name = Phi::new("EXAMPLE".to_string());
        assert_eq!(format!("{name:?} {:?}", Some(&name)), "▒▒ Some(▒▒)");
    }
}
