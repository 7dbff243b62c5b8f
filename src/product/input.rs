//! The arguments `where` and `orderBy` of a list of products, and how they become a filter and an order.

use async_graphql::{Enum, InputObject};

use super::condition::{
    BooleanCondition, CategoryCondition, OptionCondition, PriceCondition, StatusCondition, StoreCondition,
    TagCondition, TimeCondition,
};
use super::filter::ProductFilter;
use super::listing::ProductSort;
use super::search::Search;
use crate::error::{Error, Result};
use crate::graphql::{Direction, IdCodec, Weight};

/// Which products. All conditions of one object must hold; `OR` and `AND` join further ones. A condition that is left out or
/// null does not count.
#[derive(InputObject, Default)]
pub struct ProductWhere {
    /// All of these must hold.
    #[graphql(name = "AND", directive = Weight::apply(1))]
    and: Option<Vec<ProductWhere>>,
    /// At least one of these must hold. An empty list holds for no product.
    #[graphql(name = "OR", directive = Weight::apply(1))]
    or: Option<Vec<ProductWhere>>,
    /// By store.
    store: Option<StoreCondition>,
    /// By category.
    category: Option<CategoryCondition>,
    /// By status. Without staff rights only active products are listed, whatever is asked for here.
    status: Option<StatusCondition>,
    /// By price.
    price: Option<PriceCondition>,
    /// By whether any sku has stock.
    in_stock: Option<BooleanCondition>,
    /// By the time of creation.
    created_at: Option<TimeCondition>,
    /// By tags.
    tags: Option<TagCondition>,
    /// By what can be chosen, such as the size: each of these conditions is about one option, and all must hold.
    options: Option<Vec<OptionCondition>>,
}

/// By what products are ordered, and which way.
#[derive(InputObject)]
pub struct ProductOrder {
    /// By what.
    field: ProductOrderField,
    /// Which way. Left out: newest first for `CREATED_AT`, best first for `RELEVANCE`, ascending for the others.
    direction: Option<Direction>,
}

/// What products can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ProductOrderField {
    /// The time of creation: newest first, unless told otherwise. This is the order when none is asked for and nothing is searched for.
    CreatedAt,
    /// The name, in the order of Unicode characters, with A to Z taken as a to z.
    Name,
    /// The lowest price, compared as a number in minor units whatever the currency; products without skus count as the dearest.
    Price,
    /// How well they match the text that is searched for: best first, unless told otherwise. Each word counts by where it is: most as a whole
    /// word of the name, then as the beginning of one, then in the tags, least in the description; of equals the newest come first. Only
    /// with a text to search for, and then the order when none is asked for.
    Relevance,
}

impl ProductOrder {
    /// The column of the order, and whether it runs downwards.
    pub fn resolve(order: Option<&Self>, search: Option<&Search>) -> Result<(ProductSort, bool)> {
        let Some(order) = order else {
            return Ok((if search.is_some() { ProductSort::Relevance } else { ProductSort::CreatedAt }, true));
        };
        let (sort, usually_descending) = match order.field {
            ProductOrderField::CreatedAt => (ProductSort::CreatedAt, true),
            ProductOrderField::Name => (ProductSort::Name, false),
            ProductOrderField::Price => (ProductSort::Price, false),
            ProductOrderField::Relevance if search.is_none() => {
                return Err(Error::bad_input("orderBy RELEVANCE needs a text in search"));
            }
            ProductOrderField::Relevance => (ProductSort::Relevance, true),
        };
        Ok((sort, order.direction.map_or(usually_descending, |direction| direction == Direction::Desc)))
    }
}

impl ProductWhere {
    /// The filter; a condition that makes no sense is BAD_USER_INPUT.
    pub fn resolve(condition: Option<&Self>, ids: &IdCodec) -> Result<ProductFilter> {
        condition.map_or_else(|| Ok(ProductFilter::All(Vec::new())), |condition| condition.filter(ids))
    }

    fn filter(&self, ids: &IdCodec) -> Result<ProductFilter> {
        let mut all = Vec::new();
        if let Some(store) = &self.store {
            all.extend(store.filters(ids)?);
        }
        if let Some(category) = &self.category {
            all.extend(category.filters(ids)?);
        }
        if let Some(status) = &self.status {
            all.extend(status.filters());
        }
        if let Some(price) = &self.price {
            all.push(price.filter()?);
        }
        if let Some(in_stock) = &self.in_stock {
            all.extend(in_stock.eq.map(ProductFilter::InStock));
        }
        if let Some(created_at) = &self.created_at {
            all.extend(created_at.filters()?);
        }
        if let Some(tags) = &self.tags {
            all.extend(tags.filters()?);
        }
        for option in self.options.iter().flatten() {
            all.extend(option.filters()?);
        }
        for (joined, any) in [(&self.and, false), (&self.or, true)] {
            let Some(joined) = joined else { continue };
            let parts = joined.iter().map(|part| part.filter(ids)).collect::<Result<Vec<_>>>()?;
            all.push(if any { ProductFilter::Any(parts) } else { ProductFilter::All(parts) });
        }
        Ok(ProductFilter::All(all))
    }
}
