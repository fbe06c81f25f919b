//! A whole province in one process, under a seeded scheduler in virtual time.
