//! The rules that every made-up shop keeps, whatever its size.

use std::collections::{BTreeMap, BTreeSet};

use super::currency::CURRENCIES;
use super::dice::{Kind, dice};
use super::row;
use super::{DEFAULT_SEED, Shop, Sizes, slug};
use crate::product::entity::ProductOptions;
use crate::refusal::is_slug;
use crate::sku::entity::OptionValues;

const SMALL: Sizes = Sizes { stores: 7, products: 300, skus: 1_500, users: 40, orders: 200 };

fn shop(sizes: Sizes) -> Shop {
    Shop::new(DEFAULT_SEED, sizes).expect("sizes that agree")
}

fn catalogue(shop: &Shop) -> Vec<(row::Product, Vec<row::Sku>, Vec<row::Stock>)> {
    (0..shop.sizes().products).map(|index| shop.product(index)).collect()
}

fn all(shop: &Shop) -> String {
    format!("{:?}", shop.batches().collect::<Vec<_>>())
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let (first, second) = (all(&shop(SMALL)), all(&shop(SMALL)));

    assert!(first == second);
    assert!(first != all(&Shop::new(DEFAULT_SEED + 1, SMALL).expect("sizes that agree")));
}

#[test]
fn the_rows_of_the_default_seed_stay_what_they_are() {
    let shop = shop(Sizes::DEMO);
    let (product, skus, stock) = shop.product(1);
    let (user, (order, items)) = (shop.user(1), shop.order(1));

    let row::Product { id, slug, .. } = product;
    let (sku, quantity) = (&skus[0], stock[0].quantity);
    assert_eq!(
        format!("{id} {slug} {} {} {quantity}", sku.code, sku.price),
        "01946e44-1e1e-7745-ba36-501000000001 vintage-wool-bath-mat-2 VWBM-000002-1 3999 153"
    );
    assert_eq!(
        format!("{} {} {}", user.email, order.total, items[0].product_name),
        "giovanna.cole.2@example.com 54480 Farmhouse Borosilicate Jug"
    );
}

#[test]
fn another_number_of_orders_leaves_the_catalogue_alone() {
    let more = shop(Sizes { orders: 999, users: 500, ..SMALL });

    assert_eq!(catalogue(&shop(SMALL)), catalogue(&more));
}

#[test]
fn slugs_ids_and_addresses_are_unique() {
    let shop = shop(Sizes { users: 3_000, ..SMALL });
    let catalogue = catalogue(&shop);

    let mut ids: Vec<_> =
        catalogue.iter().flat_map(|(product, skus, _)| skus.iter().map(|s| s.id).chain([product.id])).collect();
    let mut slugs: Vec<_> = catalogue.into_iter().map(|(product, ..)| product.slug).collect();
    slugs.extend((0..SMALL.stores).map(|index| shop.store(index).slug));
    let categories = super::store::categories(DEFAULT_SEED);
    ids.extend(categories.iter().map(|category| category.id));
    slugs.extend(categories.into_iter().map(|category| category.slug));
    let emails: BTreeSet<_> = (0..3_000).map(|index| shop.user(index).email).collect();

    assert!(slugs.iter().all(|slug| is_slug(slug)), "{slugs:?}");
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert_eq!(emails.len(), 3_000);
}

#[test]
fn a_slug_has_words_of_letters_and_digits_alone() {
    assert_eq!(slug("O'Hara & Söhne  Table"), "o-hara-s-hne-table");
}

#[test]
fn there_are_as_many_skus_as_asked_for() {
    for (products, skus) in [(300, 1_500), (300, 300), (300, 120), (10, 2_400), (1, 1), (5, 0), (0, 0)] {
        let sizes = Sizes { products, skus, users: 0, orders: 0, ..SMALL };
        let counts: Vec<_> = catalogue(&shop(sizes)).iter().map(|(_, skus, _)| skus.len()).collect();

        assert_eq!(counts.iter().sum::<usize>(), skus as usize);
        assert!(skus < products || counts.iter().all(|&count| count >= 1), "{counts:?}");
    }
}

#[test]
fn sizes_that_contradict_each_other_are_refused() {
    let wrong = [
        Sizes { stores: 0, ..SMALL },
        Sizes { products: 6, ..SMALL },
        Sizes { users: 0, ..SMALL },
        Sizes { skus: 0, ..SMALL },
    ];

    for sizes in wrong {
        assert!(Shop::new(DEFAULT_SEED, sizes).is_err(), "{sizes:?}");
    }
}

#[test]
fn skus_of_a_product_differ_in_options_that_the_product_offers() {
    for skus in [600, 3_000, 30_000, 72_000] {
        for (product, skus, _) in catalogue(&shop(Sizes { skus, ..SMALL })) {
            let options: ProductOptions = serde_json::from_str(&product.options).expect("options");
            let values: Vec<OptionValues> =
                skus.iter().map(|sku| serde_json::from_str(&sku.option_values).expect("values")).collect();

            assert!(options.0.len() <= 3);
            assert_eq!(values.iter().collect::<std::collections::HashSet<_>>().len(), values.len(), "{values:?}");
            assert!(values.iter().all(|values| values.0.len() == options.0.len()));
            for (place, option) in options.0.iter().enumerate() {
                let offered: BTreeSet<_> = option.values.iter().collect();
                let used: BTreeSet<_> = values.iter().map(|values| &values.0[place]).collect();
                assert_eq!(offered.len(), option.values.len());
                assert_eq!(offered, used);
            }
        }
    }
}

#[test]
fn codes_are_unique_within_a_product_and_a_former_price_is_higher() {
    for (_, skus, _) in catalogue(&shop(SMALL)) {
        assert_eq!(skus.iter().map(|sku| &sku.code).collect::<BTreeSet<_>>().len(), skus.len());
        assert!(skus.iter().all(|sku| sku.price > 0));
        assert!(skus.iter().all(|sku| sku.compare_at_price.is_none_or(|before| before > sku.price)), "{skus:?}");
    }
}

#[test]
fn a_former_price_is_higher_in_every_currency() {
    for currency in &CURRENCIES {
        for cents in (500..20_000).step_by(7) {
            assert!(currency.price(cents * 130 / 100) > currency.price(cents), "{currency:?} {cents}");
        }
    }
}

#[test]
fn an_order_holds_what_one_store_sold_before_it_was_placed() {
    let shop = shop(SMALL);
    let products: BTreeMap<_, _> = catalogue(&shop)
        .into_iter()
        .flat_map(|(product, skus, _)| skus.into_iter().map(move |sku| (sku.id, (product.clone(), sku))))
        .collect();
    let users: BTreeMap<_, _> = (0..SMALL.users).map(|index| shop.user(index)).map(|user| (user.id, user)).collect();

    for (order, items) in (0..SMALL.orders).map(|index| shop.order(index)) {
        let sold: Vec<_> = items.iter().map(|item| &products[&item.sku_id]).collect();

        assert!((1..=5).contains(&items.len()));
        assert_eq!(order.total, items.iter().map(|item| i64::from(item.quantity) * item.unit_price).sum::<i64>());
        assert!(items.iter().zip(&sold).all(|(item, (_, sku))| item.unit_price == sku.price));
        assert!(sold.iter().all(|(product, _)| product.store_id == sold[0].0.store_id));
        assert!(sold.iter().all(|(product, _)| product.currency_code == order.currency_code));
        assert!(sold.iter().all(|(product, _)| product.created_at <= order.placed_at && product.status != "DRAFT"));
        assert!(users[&order.user_id].created_at <= order.placed_at);
    }
}

#[test]
fn a_shop_of_one_of_each_works() {
    let shop = shop(Sizes { stores: 1, products: 1, skus: 1, users: 1, orders: 1 });

    assert_eq!(shop.batches().count(), 4);
    assert_eq!(shop.order(0).1.len(), 1);
}

#[test]
fn products_and_stock_come_in_the_intended_shares() {
    let catalogue = catalogue(&shop(Sizes { products: 4_000, skus: 4_000, ..SMALL }));
    let active = catalogue.iter().filter(|(product, ..)| product.status == "ACTIVE").count();
    let sold_out = catalogue.iter().flat_map(|(_, _, stock)| stock).filter(|stock| stock.quantity == 0).count();

    assert!((3_300..3_500).contains(&active), "{active} of 4000 are active");
    assert!((500..700).contains(&sold_out), "{sold_out} of 4000 are sold out");
}

#[test]
fn the_demo_shop_has_orders_of_every_status() {
    let shop = shop(Sizes::DEMO);
    let statuses: BTreeSet<_> = (0..Sizes::DEMO.orders).map(|index| shop.order(index).0.status).collect();

    assert_eq!(statuses.len(), 5, "{statuses:?}");
}

#[test]
fn each_thing_has_dice_of_its_own() {
    let of = |kind, index| dice(DEFAULT_SEED, kind, index);

    assert!(of(Kind::User, 1) == of(Kind::User, 1));
    assert!(of(Kind::User, 1) != of(Kind::User, 2));
    assert!(of(Kind::User, 1) != of(Kind::Order, 1));
}
