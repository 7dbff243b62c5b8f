//! From a request to its answer: what runs, what does not, and that an answer does not depend on what was asked before.

mod at_hand;
mod corpus;
mod limits;
mod operations;
mod price;
mod semantics;
mod twice;
