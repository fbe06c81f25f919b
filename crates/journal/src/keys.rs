//! What a journal knows about the keys of units: events like any others, about the unit that wrote
//! them. There is no second record of it.

use envelope::register::is_about_keys;
use envelope::{Event, KeyRegister, Signed};

use crate::journal::Journal;
use crate::trees::ReadError;

impl Journal {
    /// What `unit` said about its keys, in the order in which it came to be here.
    ///
    /// # Errors
    /// [`ReadError`] when the journal is damaged.
    pub fn about_keys(&self, unit: &str) -> Result<Vec<Signed>, ReadError> {
        let entries = self.of_subject(unit)?.into_iter();
        let signed = entries.map(|entry| entry.signed).filter(|signed| {
            let event = Event::read(&signed.bytes);
            event.is_ok_and(|event| event.unit == unit && is_about_keys(event.kind))
        });
        Ok(signed.collect())
    }

    /// Lets a register that was read from its file know again what it had learnt. What it does not believe
    /// any more, since the file says otherwise now, is logged.
    ///
    /// # Errors
    /// [`ReadError`] when the journal is damaged.
    pub fn remind_of_keys(&self, keys: &KeyRegister) -> Result<(), ReadError> {
        for unit in keys.units() {
            for signed in self.about_keys(unit)? {
                if let Err(error) = keys.verify(&signed) {
                    tracing::warn!(unit, %error, "the register of keys says otherwise than an event");
                }
            }
        }
        Ok(())
    }
}
