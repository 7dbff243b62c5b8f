//! Which way a list is ordered.

use async_graphql::Enum;

/// Which way a list is ordered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest to the largest, from the earliest to the latest, from A to Z.
    Asc,
    /// From the largest to the smallest, from the latest to the earliest, from Z to A.
    Desc,
}
