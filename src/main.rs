//! The `storefront` program.

// As in the library.
#![recursion_limit = "256"]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    storefront::command::run(std::env::args_os())
}
