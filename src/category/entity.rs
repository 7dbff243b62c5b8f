//! A category: a node of the tree that products are filed under.
//!
//! The database gives `version` and raises it; it is read, and never set.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::product::entity as product;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// None for a root of the tree.
    pub parent_id: Option<Uuid>,
    #[sea_orm(unique, column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// The place among its siblings; `id` decides between equals.
    pub position: i32,
    pub version: i64,
    #[serde(with = "crate::db::moment")]
    pub created_at: DateTimeUtc,
    #[serde(with = "crate::db::moment")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(self_ref, relation_enum = "Parent", relation_reverse = "Children", from = "parent_id", to = "id")]
    pub parent: BelongsTo<Option<Entity>>,
    #[sea_orm(self_ref, relation_enum = "Children", relation_reverse = "Parent")]
    pub children: HasMany<Entity>,
    #[sea_orm(has_many)]
    pub products: HasMany<product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
