//! Quotes that are not in pairs around a cell: what they swallow is told, and never lost in silence.

use super::{import, product, products};
use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    quotes_that_are_never_closed_are_told,
    a_row_that_swallows_others_says_where_its_quote_begins,
    a_cell_that_goes_on_behind_its_quotes_is_refused,
    quotes_in_pairs_are_no_fault,
);

/// A file, what its first lines on standard error say, and the slugs of the products that it brings.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

async fn check(shop: &Shop, (file, told, slugs): Case<'_>) {
    let ended = import(shop, file, &[]).await;

    let said: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(ended.status.code(), Some(1), "{file}: {ended:?}");
    assert!(said.starts_with(told), "{file}: {ended:?}");
    let found: Vec<_> = products(shop).await.iter().map(|product| product["slug"].clone()).collect();
    assert_eq!(found, slugs, "{file}");
}

const NEVER: &str = "the quotes that begin here are never closed: all that follows is in this cell";

async fn quotes_that_are_never_closed_are_told(shop: &Shop) {
    let other = format!("line 3, column \"Variant Barcode\": {NEVER}");
    let body = format!("line 4, column \"Body (HTML)\": {NEVER}");
    let title = format!("line 2, column \"Title\": {NEVER}");
    let handle = format!("line 4, column \"Handle\": {NEVER}");
    let last = format!("line 3, column \"Handle\": {NEVER}");
    let cases: [Case<'_>; 5] = [
        ("Handle,Title,Variant Price,Body (HTML)\nb,B,1,\"x\n\"\nc,C,2,\"", &[&body], &["b"]),
        // Nobody knows whose row it is: it may be one of d's.
        ("Handle,Title,Variant Price\nb,B,1\nd,D,1\n\"d,,2\ne,E,2\n", &[&handle], &["b"]),
        ("Handle,Title,Variant Price\nf,F,1\n\"", &[&last], &["b"]),
        (
            "Handle,Title,Variant Price,Variant Barcode\na,A,1,x\nb,B,2,\"open\nc,C,3,y\nd,D,4,y\n",
            &[&other],
            &["a", "b"],
        ),
        ("Handle,Title,Variant Price\nb,\"never,1\na,x,2\n", &[&title], &["a", "b"]),
    ];
    for case in cases {
        check(shop, case).await;
    }
    let open = import(shop, "Handle,Title,\"Variant Price\na,A,1\n", &[]).await;
    assert!(open.complaint().contains("line 1: the quotes that begin here are never closed"), "{open:?}");
    assert_eq!(product(shop, "b").await["priceRange"]["max"]["amount"], "1.00");
}

async fn a_row_that_swallows_others_says_where_its_quote_begins(shop: &Shop) {
    let width =
        "line 3: 5 cells, where the first row has 4: is a quote that begins at line 3, column \"Title\", not closed?";
    let behind = "line 3, column \"Title\": \"B,2,\\nc,Cc,2,\\n\" is in quotes until line 5 and goes on behind them: is a quote not closed?";
    let cases: [Case<'_>; 2] = [
        ("Handle,Title,Variant Price,Body (HTML)\na,A,1,\nb,\"B,2,\nc,C\",2,,\nd,D,4,\n", &[width], &["a", "d"]),
        (
            "Handle,Title,Variant Price,Body (HTML)\r\na,A,1,\r\nb,\"B,2,\r\nc,Cc,2,\r\n\"d,4,\r\n",
            &[&behind.replace("\\n", "\\r\\n").replace("\\n\"", "\\nd\"")],
            &["a", "d"],
        ),
    ];
    for case in cases {
        check(shop, case).await;
    }
}

async fn a_cell_that_goes_on_behind_its_quotes_is_refused(shop: &Shop) {
    let text = "line 3, column \"Title\": \"abc\" goes on behind its quotes: a quote within a cell is written twice";
    check(shop, ("Handle,Title,Variant Price\na,\"A\",1\nb,\"ab\"c,2\nc,C,1\n", &[text], &["a", "c"])).await;
}

async fn quotes_in_pairs_are_no_fault(shop: &Shop) {
    let rows = "\"Handle\",\"Title\",\"Variant Price\",\"Body (HTML)\"\n\"a\",\"\"\"A\"\", \"\"B\"\"\",\"1\",\"one\n\"\"two\"\"\n\"\nb,5\" wide,1,\"\"\n\n\"c\",C,1,ab \"x\" y\n";
    for file in [rows.to_owned(), format!("\u{feff}{rows}"), rows.replace('\n', "\r\n"), rows.trim_end().to_owned()] {
        import(shop, file, &[]).await.succeeded();

        assert_eq!(product(shop, "a").await["name"], "\"A\", \"B\"");
        assert_eq!(product(shop, "b").await["name"], "5\" wide");
        assert_eq!(product(shop, "c").await["description"], "ab \"x\" y");
    }
}
