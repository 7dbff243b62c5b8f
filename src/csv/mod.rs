//! The catalogue as a CSV file of the form that Shopify exports: a row for each variant and each further image of a product.
//!
//! | file | holds |
//! | --- | --- |
//! | `heading` | the columns, and which of them a file has |
//! | `file`, `draft`, `cell`, `quotes`, `product` | products out of rows, one by one: the file is never in memory |
//! | `problem`, `fault` | what is wrong, by line, column and value |
//! | `plan`, `target`, `options`, `wanted`, `variants` | what a product of the file changes in the shop: nothing where both say the same |
//! | `places` | the stores and categories that a file names |
//! | `import` | batches, each a transaction; a product is one unit |
//! | `export` | the shop as a file, of which an import changes nothing |
//! | `row`, `repo` | what is written, and all SQL |
//!
//! The rules for texts, numbers of options and prices are those of the mutations, by the same checks. Import and export know nothing of the cache:
//! servers learn of an import from the change log.

mod cell;
mod draft;
mod export;
mod fault;
mod file;
mod heading;
mod import;
mod options;
mod places;
mod plan;
mod problem;
mod product;
mod quotes;
mod repo;
mod row;
mod target;
mod variants;
mod wanted;

pub use cell::currency;
pub use export::{Exported, export};
pub use import::{Import, Imported, import};
pub use problem::Problems;
