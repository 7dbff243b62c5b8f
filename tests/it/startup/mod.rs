//! The program as its user meets it: the first start, the next one, the end, and one clear line for everything that is wrong.

mod command;
mod complaint;
mod environment;
mod first;
mod log;
mod modes;
mod seed;
mod stop;
