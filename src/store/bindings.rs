//! Bindings: what each delivery was decided for.

use std::collections::BTreeMap;

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::fault::Fault;

/// What a delivery was decided for, by name: settings, fingerprints and digests.
pub type Terms = BTreeMap<String, String>;

impl Change<'_> {
    /// Binds a delivery to these terms, whatever it was bound to before.
    ///
    /// # Errors
    /// STO001.
    pub fn bind(&mut self, delivery: i64, terms: &Terms) -> Result<(), Fault> {
        let bind = Statement::new(
            "INSERT INTO binding (delivery, terms) VALUES ($1, $2)
             ON CONFLICT (delivery) DO UPDATE SET terms = excluded.terms",
        );
        // Text alone has a serialised form always.
        self.run(bind.with(delivery).with(serde_json::to_string(terms).unwrap_or_default()))
    }
}

impl Store {
    /// What a delivery was decided for; nothing of one that an earlier version has numbered.
    ///
    /// # Errors
    /// STO001.
    pub fn terms_of(&self, delivery: i64) -> Result<Option<Terms>, Fault> {
        let terms = Statement::new("SELECT terms FROM binding WHERE delivery = $1").with(delivery);
        let text: Option<String> = self.first(terms)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}
