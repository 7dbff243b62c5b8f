//! Sessions on a fleet, and the proofs that no one gets in where they don't belong.

mod faults;
mod fleet;
mod look_up;
mod onlooker;
mod people;
mod refused;
mod secrets;
mod storms;
mod walk;
mod ways;
mod work;
