//! The conditions on single things that `where` is made of, each with the filters that it stands for.

use async_graphql::{ID, InputObject};

use super::filter::{Comparison, PriceBounds, ProductFilter};
use super::object::Status;
use crate::error::{Error, Result};
use crate::graphql::{CurrencyCode, DateTime, Decimal, IdCodec, Kind, Weight, minor_units};
use crate::text::shorten;

/// A condition on the store of a product.
#[derive(InputObject)]
pub struct StoreCondition {
    /// This store.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<ID>,
    /// One of these stores, at most 100. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<ID>>,
}

/// A condition on the category of a product.
#[derive(InputObject)]
pub struct CategoryCondition {
    /// This category.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<ID>,
    /// One of these categories, at most 100. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<ID>>,
    /// Whether products of the categories below count as well.
    #[graphql(default = true)]
    include_descendants: bool,
}

/// A condition on the status of a product.
#[derive(InputObject)]
pub struct StatusCondition {
    /// This status.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<Status>,
    /// One of these statuses. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<Status>>,
}

/// A range of prices in one currency. A product is compared by its lowest price; one without skus has none and is never found.
#[derive(InputObject)]
pub struct PriceCondition {
    /// The currency of the bounds; products of stores with another currency are not found.
    #[graphql(directive = Weight::apply(1))]
    currency_code: CurrencyCode,
    /// At least this much.
    #[graphql(directive = Weight::apply(1))]
    gte: Option<Decimal>,
    /// At most this much.
    #[graphql(directive = Weight::apply(1))]
    lte: Option<Decimal>,
}

/// A condition on a yes or no.
#[derive(InputObject)]
pub struct BooleanCondition {
    /// This answer.
    #[graphql(directive = Weight::apply(1))]
    pub eq: Option<bool>,
}

/// A range of times.
#[derive(InputObject)]
pub struct TimeCondition {
    /// Later than this.
    #[graphql(directive = Weight::apply(1))]
    gt: Option<DateTime>,
    /// At this time or later.
    #[graphql(directive = Weight::apply(1))]
    gte: Option<DateTime>,
    /// Earlier than this.
    #[graphql(directive = Weight::apply(1))]
    lt: Option<DateTime>,
    /// At this time or earlier.
    #[graphql(directive = Weight::apply(1))]
    lte: Option<DateTime>,
}

/// A condition on the tags of a product. Tags are compared letter by letter, upper and lower case are different.
#[derive(InputObject)]
pub struct TagCondition {
    /// It has this tag.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<String>,
    /// It has one of these tags, at most 100. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<String>>,
    /// It has all of these tags, at most 20. An empty list holds for every product.
    #[graphql(directive = Weight::apply(1))]
    all: Option<Vec<String>>,
}

/// A condition on one option of a product, such as its size. Names and values are compared letter by letter, upper and lower case are
/// different.
#[derive(InputObject)]
pub struct OptionCondition {
    /// The option, such as `Size`.
    #[graphql(directive = Weight::apply(1))]
    name: String,
    /// It can be had with this value.
    #[graphql(directive = Weight::apply(1))]
    eq: Option<String>,
    /// It can be had with one of these values, at most 50. An empty list holds for no product.
    #[graphql(name = "in", directive = Weight::apply(1))]
    one_of: Option<Vec<String>>,
}

/// Each tag of `all` is a condition of its own, and so is each value of an option.
pub const MOST_OF_ALL: usize = 20;
pub const MOST_VALUES: usize = 50;

impl StoreCondition {
    pub fn filters(&self, ids: &IdCodec) -> Result<Vec<ProductFilter>> {
        Ok(keys(ids, Kind::Store, &self.eq, &self.one_of)?.into_iter().map(ProductFilter::Store).collect())
    }
}

impl CategoryCondition {
    pub fn filters(&self, ids: &IdCodec) -> Result<Vec<ProductFilter>> {
        let with_descendants = self.include_descendants;
        let found = keys(ids, Kind::Category, &self.eq, &self.one_of)?.into_iter();
        Ok(found.map(|ids| ProductFilter::Category { ids, with_descendants }).collect())
    }
}

impl StatusCondition {
    pub fn filters(&self) -> Vec<ProductFilter> {
        let one_of = self.one_of.as_ref().map(|list| list.iter().map(|status| (*status).into()).collect());
        let eq = self.eq.map(|status| vec![status.into()]);
        eq.into_iter().chain(one_of).map(ProductFilter::Status).collect()
    }
}

impl PriceCondition {
    pub fn filter(&self) -> Result<ProductFilter> {
        let currency = self.currency_code.0;
        let bound = |name: &str, amount: Option<Decimal>| {
            amount
                .map(|amount| {
                    minor_units(amount.0, currency).map_err(|text| Error::bad_input(format!("price {name} {text}")))
                })
                .transpose()
        };
        let (from, to) = (bound("gte", self.gte)?, bound("lte", self.lte)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
            && let (Some(gte), Some(lte)) = (self.gte, self.lte)
        {
            return Err(Error::bad_input(format!("price range is turned round: gte {} is over lte {}", gte.0, lte.0)));
        }
        Ok(ProductFilter::Price(PriceBounds { currency: currency.code().to_owned(), from, to }))
    }
}

impl TimeCondition {
    pub fn filters(&self) -> Result<Vec<ProductFilter>> {
        let (from, to) = (self.gt.max(self.gte), self.lt.into_iter().chain(self.lte).min());
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::bad_input(format!(
                "createdAt range is turned round: {} is later than {}",
                from.0, to.0
            )));
        }
        let bounds = [
            (Comparison::Greater, self.gt),
            (Comparison::AtLeast, self.gte),
            (Comparison::Less, self.lt),
            (Comparison::AtMost, self.lte),
        ];
        Ok(bounds
            .into_iter()
            .filter_map(|(comparison, time)| Some(ProductFilter::Created(comparison, time?.0)))
            .collect())
    }
}

impl TagCondition {
    pub fn filters(&self) -> Result<Vec<ProductFilter>> {
        let all = self.all.as_deref().unwrap_or_default();
        at_most(MOST_OF_ALL, "tags all", all)?;
        let each = all.iter().map(|tag| vec![tag.clone()]);
        let lists = self.eq.iter().map(|tag| vec![tag.clone()]).chain(self.one_of.clone()).chain(each);
        lists.map(|tags| Ok(ProductFilter::Tag(texts("tags", tags)?))).collect()
    }
}

impl OptionCondition {
    pub fn filters(&self) -> Result<Vec<ProductFilter>> {
        at_most(MOST_VALUES, "options in", self.one_of.as_deref().unwrap_or_default())?;
        let lists = self.eq.iter().map(|value| vec![value.clone()]).chain(self.one_of.clone());
        lists
            .map(|values| {
                let name = texts("options name", vec![self.name.clone()])?.remove(0);
                Ok(ProductFilter::Option { name, values: texts("options", values)? })
            })
            .collect()
    }
}

fn at_most(most: usize, what: &str, values: &[String]) -> Result<()> {
    if values.len() > most {
        return Err(Error::bad_input(format!("{what} has {} values, over the maximum of {most}", values.len())));
    }
    Ok(())
}

/// Texts that the database can compare with its own.
fn texts(what: &str, texts: Vec<String>) -> Result<Vec<String>> {
    match texts.iter().find(|text| text.contains('\0')) {
        Some(text) => Err(Error::bad_input(format!("{what}: {:?} has a null byte", shorten(text)))),
        None => Ok(texts),
    }
}

fn keys(ids: &IdCodec, kind: Kind, eq: &Option<ID>, one_of: &Option<Vec<ID>>) -> Result<Vec<Vec<uuid::Uuid>>> {
    let mut found = Vec::new();
    if let Some(id) = eq {
        found.push(vec![ids.expect(kind, id)?]);
    }
    if let Some(list) = one_of {
        found.push(list.iter().map(|id| ids.expect(kind, id)).collect::<Result<_>>()?);
    }
    Ok(found)
}
