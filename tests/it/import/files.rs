//! Files as programs and people leave them, and files that are none.

use super::{import, import_in, of_skus, product, products};
use crate::support::{Kind, Shop, TestDatabase, on_sqlite, run, uncached_on_both};

uncached_on_both!(
    marks_and_line_ends_do_not_matter,
    a_cell_in_another_encoding_is_told,
    a_cell_of_ten_megabytes_is_told
);
on_sqlite!(
    a_file_that_is_none_is_told_in_one_line,
    a_quote_that_is_never_closed_ends_the_import,
    an_export_that_cannot_be_written_is_told_in_one_line,
);

async fn marks_and_line_ends_do_not_matter(shop: &Shop) {
    let rows = "Handle,Title,Body (HTML),Variant Price\na,A,\"one\ntwo\n\nthree\",1\nb,B,,oops\nc,C,,2";
    let on_windows = |rows: &str| rows.replace('\n', "\r\n");
    let spread = rows.replace("\nb,", "\n\n,,,\n\nb,");
    // A row begins where it begins, whatever is within the cells before it.
    let files = [
        (rows.to_owned(), 6),
        (format!("{rows}\n\n"), 6),
        (format!("\u{feff}{rows}"), 6),
        (on_windows(rows), 6),
        (format!("\u{feff}{}\r\n", on_windows(rows)), 6),
        (spread.clone(), 9),
        (on_windows(&spread), 9),
    ];
    for (index, (file, line)) in files.iter().enumerate() {
        let ended = import(shop, file, &[]).await;

        assert!(
            ended.stderr.starts_with(&format!("line {line}, column \"Variant Price\": \"oops\"")),
            "{index}: {ended:?}"
        );
        let ends = if file.contains('\r') { "one\r\ntwo\r\n\r\nthree" } else { "one\ntwo\n\nthree" };
        assert_eq!(product(shop, "a").await["description"], ends, "{index}");
        assert_eq!(of_skus(&product(shop, "c").await, "/price/amount"), ["2.00"]);
    }
    assert_eq!(products(shop).await.len(), 2);
}

async fn a_cell_in_another_encoding_is_told(shop: &Shop) {
    let mut file = b"Handle,Title,Variant Price\na,Caf".to_vec();
    file.extend([0xE9]);
    file.extend(b",1\nb,B,1\nm");
    file.extend([0xFC]);
    file.extend(b"sli,M,1\n");

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    let what = "has the byte 0xE9, which is not UTF-8: save the file as UTF-8";
    assert_eq!(told[0], format!("line 2, column \"Title\": \"Caf\u{fffd}\" {what}"));
    assert!(told[1].starts_with("line 4, column \"Handle\": \"m\u{fffd}sli\" has the byte 0xFC"), "{ended:?}");
    let slugs: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
    assert_eq!(slugs, ["b"]);
}

async fn a_cell_of_ten_megabytes_is_told(shop: &Shop) {
    let long = "x".repeat(10 * 1024 * 1024);
    let some = "y".repeat(20_001);
    let file = format!(
        "Handle,Title,Body (HTML),Variant Price,Other\na,A,{long},1,\nb,B,{some},1,\nc,C,fine,1,{long}\nd,D,,1,\n"
    );

    let ended = import(shop, file, &[]).await;

    let told: Vec<&str> = ended.stderr.lines().collect();
    assert!(told[0].starts_with("line 2, column \"Body (HTML)\": \"xxx"), "{told:?}");
    assert!(told[0].ends_with("…\" has 10485760 bytes, over the maximum of 262144 for a cell"), "{told:?}");
    assert!(told[1].starts_with("line 3, column \"Body (HTML)\": \"yyy"), "{told:?}");
    assert!(told[1].ends_with("…\": description has 20001 characters, over the maximum of 20000"), "{told:?}");
    assert!(ended.stderr.len() < 1000, "{told:?}");
    let slugs: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
    assert_eq!(slugs, ["c", "d"]);
}

async fn a_file_that_is_none_is_told_in_one_line(shop: &Shop) {
    let folder = tempfile::tempdir().unwrap();
    let mut latin = b"Handle,Title,Variant Price,Gr".to_vec();
    latin.extend([0xF6, b'\n']);

    for (file, text) in [
        (b"".to_vec(), "the file is empty: its first row must have the names of the columns"),
        (b"\n\n".to_vec(), "the file is empty"),
        (b"Handle,Title,Price\na,A,1\n".to_vec(), "line 1: the column \"Variant Price\" is missing"),
        (b"Handle;Title;Variant Price\na;A;1\n".to_vec(), "line 1: the column \"Handle\" is missing"),
        (b"Handle,Variant Price\na,1\n".to_vec(), "line 1: the column \"Title\" is missing"),
        (b"Handle,Title,Title,Variant Price\na,A,A,1\n".to_vec(), "line 1: the column \"Title\" is there twice"),
        (latin, "line 1: the heading \"Gr\u{fffd}\" is not UTF-8"),
        (vec![0; 4096], "line 1: the column \"Handle\" is missing"),
    ] {
        let ended = import_in(folder.path(), shop, &file, &[]).await;

        let complaint = ended.complaint();
        assert!(complaint.contains("cannot import all of shop.csv") && complaint.contains(text), "{complaint}");
        assert_eq!(products(shop).await.len(), 0);
    }
    let url = shop.database_url().await;
    let environment = [("DATABASE_URL", url.as_str())];
    for (arguments, text) in [
        (vec!["import", "none.csv"], "cannot open none.csv"),
        (vec!["import", "."], "cannot read .: it is no file"),
        (vec!["import"], "<FILE>"),
        (vec!["import", "shop.csv", "--currency", "EURO"], "STOREFRONT_IMPORT_CURRENCY"),
    ] {
        let ended = run(folder.path(), &arguments, &environment).await;

        assert!(ended.complaint().contains(text), "{ended:?}");
    }
    let new = format!("sqlite://{}", folder.path().join("new.db").display());
    for command in ["import", "export"] {
        let ended = run(folder.path(), &[command, "shop.csv"], &[("DATABASE_URL", &new)]).await;
        assert!(ended.complaint().contains("run storefront migrate up"), "{ended:?}");
    }
    assert!(import(shop, "Handle,Title,Variant Price\n", &[]).await.succeeded().contains("products: 0 created"));
}

async fn a_quote_that_is_never_closed_ends_the_import(shop: &Shop) {
    let rest = "b,B,,1\n".repeat(3_000_000);

    let ended = import(shop, format!("Handle,Title,Body (HTML),Variant Price\na,A,\"open,1\n{rest}"), &[]).await;

    let complaint = ended.complaint();
    assert!(complaint.contains("line 2: a row of over 16 MiB begins here: is a quote never closed?"), "{complaint}");
}

async fn an_export_that_cannot_be_written_is_told_in_one_line(shop: &Shop) {
    let folder = tempfile::tempdir().unwrap();
    let url = shop.database_url().await;

    let ended = run(folder.path(), &["export", "no/shop.csv"], &[("DATABASE_URL", &url)]).await;
    assert!(ended.complaint().contains("cannot write no/shop.csv.part"), "{ended:?}");

    std::fs::create_dir(folder.path().join("taken")).unwrap();
    let ended = run(folder.path(), &["export", "taken"], &[("DATABASE_URL", &url)]).await;
    assert!(ended.complaint().contains("cannot export to taken"), "{ended:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_summary_that_nobody_reads_is_no_failure() {
    let database = TestDatabase::migrated(Kind::Sqlite).await;
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url().await);
    std::fs::write(folder.path().join("shop.csv"), "Handle,Title,Variant Price\na,A,1\n").unwrap();
    for command in ["import", "export"] {
        let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_storefront"));
        program.args([command, "shop.csv"]).env_clear().env("DATABASE_URL", &url).current_dir(folder.path());

        let status = program.stdout(full()).stderr(full()).status().await.unwrap();

        assert!(status.success(), "{command}: {status}");
    }
    assert!(std::fs::read_to_string(folder.path().join("shop.csv")).unwrap().contains("\na,A,"));
    database.remove().await;
}
