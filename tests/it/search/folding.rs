//! Case, accents, width and scripts: what is stored and what is typed are folded alike.

use super::{found, shelf};
use crate::support::{Shop, on_both};

on_both!(
    accents_case_and_width_do_not_count,
    long_texts_are_folded_to_their_end,
    scripts_without_spaces_are_found_by_any_part,
);

async fn accents_case_and_width_do_not_count(shop: &Shop) {
    let names = [
        "Crème Brûlée",
        "İstanbul Tea",
        "Straßenschuh",
        "ＦＵＬＬ Width",
        "ΟΔΟΣ Μπλούζα",
        "Ёлка",
        "Smørrebrød",
        "חולצה",
        "قميص أحمر",
        "कमीज़",
        "Cafe\u{301}",
        "ﬁne Ⅷ ½ m²",
        "ｶﾒﾗ",
    ];
    let products: Vec<(&str, &str, &[&str])> = names.iter().map(|name| (*name, "", &[][..])).collect();
    shelf(shop, &products).await;

    for (text, expected) in [
        ("creme brulee", "Crème Brûlée"),
        ("CRÈME BRÛLÉE", "Crème Brûlée"),
        ("cre\u{300}me", "Crème Brûlée"),
        ("istanbul", "İstanbul Tea"),
        ("ISTANBUL", "İstanbul Tea"),
        ("ıstanbul", "İstanbul Tea"),
        ("strassenschuh", "Straßenschuh"),
        ("STRAẞENSCHUH", "Straßenschuh"),
        ("full", "ＦＵＬＬ Width"),
        ("ｗｉｄｔｈ", "ＦＵＬＬ Width"),
        ("οδος", "ΟΔΟΣ Μπλούζα"),
        ("μπλουζα", "ΟΔΟΣ Μπλούζα"),
        ("елка", "Ёлка"),
        ("smorrebrod", "Smørrebrød"),
        ("חולצה", "חולצה"),
        ("قميص", "قميص أحمر"),
        ("कमीज़", "कमीज़"),
        ("café", "Cafe\u{301}"),
        ("cafe", "Cafe\u{301}"),
        ("fine viii 1 2 m2", "ﬁne Ⅷ ½ m²"),
        ("ﬁne ⅷ ½ m²", "ﬁne Ⅷ ½ m²"),
        ("カメラ", "ｶﾒﾗ"),
        ("ｶﾒﾗ", "ｶﾒﾗ"),
    ] {
        assert_eq!(found(shop, text).await, [expected], "{text}");
    }
}

async fn long_texts_are_folded_to_their_end(shop: &Shop) {
    let text = format!("{}Großer 東京 {} Ёлка", "word ".repeat(39), "x ".repeat(1000));
    shelf(shop, &[("Rug", &text, &[])]).await;

    for text in ["grosser", "東京", "елка", "grosser 東京 x елка"] {
        assert_eq!(found(shop, text).await, ["Rug"], "{text}");
    }
}

async fn scripts_without_spaces_are_found_by_any_part(shop: &Shop) {
    shelf(
        shop,
        &[("東京タワーの模型", "", &[]), ("京都の地図", "", &[]), ("เสื้อยืดสีแดง", "", &[]), ("빨간셔츠", "", &[])],
    )
    .await;

    for (text, expected) in [
        ("京タワ", "東京タワーの模型"),
        ("模型", "東京タワーの模型"),
        ("地図", "京都の地図"),
        ("สีแดง", "เสื้อยืดสีแดง"),
        ("셔츠", "빨간셔츠"),
    ] {
        assert_eq!(found(shop, text).await, [expected], "{text}");
    }
    assert_eq!(found(shop, "京").await.len(), 2);
    assert_eq!(found(shop, "京東").await, [""; 0]);
}
