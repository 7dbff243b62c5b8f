//! The `storefront` program.

fn main() -> std::process::ExitCode {
    storefront::command::run(std::env::args_os())
}
