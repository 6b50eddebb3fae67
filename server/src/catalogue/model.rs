//! A product and its identifiers.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use tessera_scanner::gs1::keys::Gtin;
use tessera_scanner::udi::{DeviceIdentifier, Issuer};
use tessera_scanner::verdict::{self, ProductFacts};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::store::columns::Moment;
use crate::store::schema::{product_identifiers, products};

crate::record_id! {
    /// One product: a device at the level of its maker's catalogue number.
    ProductId
}

crate::word_list! {
    /// The agency whose rules an identifier follows, as it stands in columns and JSON.
    Agency {
        /// GS1: a GTIN.
        Gs1 = "GS1",
        /// Health Industry Business Communications Council.
        Hibcc = "HIBCC",
        /// ICCBBA: ISBT 128.
        Iccbba = "ICCBBA",
        /// Informationsstelle für Arzneispezialitäten: PPN.
        Ifa = "IFA",
    }
}

impl From<Issuer> for Agency {
    fn from(issuer: Issuer) -> Self {
        match issuer {
            Issuer::Gs1 => Self::Gs1,
            Issuer::Hibcc => Self::Hibcc,
            Issuer::Iccbba => Self::Iccbba,
            Issuer::Ifa => Self::Ifa,
        }
    }
}

impl From<Agency> for Issuer {
    fn from(agency: Agency) -> Self {
        match agency {
            Agency::Gs1 => Self::Gs1,
            Agency::Hibcc => Self::Hibcc,
            Agency::Iccbba => Self::Iccbba,
            Agency::Ifa => Self::Ifa,
        }
    }
}

impl Agency {
    /// The identifier in the form in which the catalogue keeps it.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), saying what is wrong with it.
    pub fn identifier(self, text: &str) -> Result<DeviceIdentifier, Problem> {
        let text = text.trim();
        let refuse = |why: &str| Problem::invalid(format!("\"{text}\" is not an identifier of {self}: {why}."));
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        match self {
            Self::Gs1 => {
                text.parse::<Gtin>().map(DeviceIdentifier::from).map_err(|error| Problem::invalid(format!("{error}.")))
            }
            // ANSI/HIBC 2.6: labeler code of four, product number of 1 to 18, one digit for the unit of measure.
            Self::Hibcc if !(6..=23).contains(&text.len()) => Err(refuse("6 to 23 characters are wanted")),
            Self::Hibcc if !text.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Err(refuse("a labeler code begins with a letter; leave out the + and the check character"))
            }
            Self::Hibcc if !text.ends_with(|c: char| c.is_ascii_digit()) => {
                Err(refuse("the last character is the unit of measure, a digit; leave out the check character"))
            }
            _ if text.is_empty() || text.len() > 40 => Err(refuse("1 to 40 characters are wanted")),
            _ if !text.chars().all(plain) => Err(refuse("capital letters and digits are wanted")),
            _ => Ok(DeviceIdentifier { issuer: self.into(), text: text.to_owned() }),
        }
    }
}

crate::word_list! {
    /// What an identifier of a product stands for.
    IdentifierKind {
        /// The one that identifies the unit.
        Primary = "primary",
        /// Another agency's identifier of the same unit.
        Secondary = "secondary",
        /// A pack of several.
        Package = "package",
        /// Under which the same device was sold before.
        Previous = "previous",
        /// Of one item in a pack that is sold as a whole.
        UnitOfUse = "unit-of-use",
        /// Marked on the device itself.
        DirectMarking = "direct-marking",
    }
}

crate::word_list! {
    /// The side that a product is made for.
    ProductSide {
        /// Left.
        Left = "left",
        /// Right.
        Right = "right",
    }
}

/// A product as the catalogue holds it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = products)]
pub struct Product {
    /// Identifier.
    pub id: ProductId,
    /// Who makes it.
    pub maker: String,
    /// What it is called.
    pub brand: String,
    /// The maker's catalogue number (REF).
    pub reference: String,
    /// What it is.
    pub description: String,
    /// The kind of implant, such as `hip`.
    pub category: String,
    /// GMDN code, if known.
    pub gmdn: Option<String>,
    /// The side it is made for, if it has one.
    pub side: Option<ProductSide>,
    /// Size, as people say it.
    pub size: Option<String>,
    /// Each pack of it carries a lot.
    pub lot_expected: bool,
    /// Each pack of it carries a serial.
    pub serial_expected: bool,
    /// Each pack of it carries an expiry date.
    pub expiry_expected: bool,
    /// When the catalogue learned of it.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Moment,
}

impl Product {
    /// Maker and brand: what people call it.
    pub fn name(&self) -> String {
        format!("{} {}", self.maker, self.brand)
    }

    /// What the verdict needs to know of it; `identifiers` are those of [`super::store::identifiers_of`].
    pub fn facts(&self, identifiers: Vec<DeviceIdentifier>) -> ProductFacts {
        ProductFacts {
            name: self.name(),
            maker: self.maker.clone(),
            reference: Some(self.reference.clone()),
            identifiers,
            side: self.side.map(|side| match side {
                ProductSide::Left => verdict::Side::Left,
                ProductSide::Right => verdict::Side::Right,
            }),
            lot_expected: self.lot_expected,
            serial_expected: self.serial_expected,
            expiry_expected: self.expiry_expected,
        }
    }
}

/// One identifier of a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Serialize, Deserialize, ToSchema)]
#[diesel(table_name = product_identifiers)]
pub struct ProductIdentifier {
    /// Whose rules it follows.
    pub issuer: Agency,
    /// GS1: the GTIN; HIBCC: labeler code, product and unit of measure without `+` and check character.
    pub identifier: String,
    /// What it stands for.
    pub kind: IdentifierKind,
    /// How many units it stands for.
    pub quantity: i32,
}

/// A product to be added; its `id` is made by the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// Identifier (UUIDv7), made by the client.
    pub id: ProductId,
    /// Who makes it.
    pub maker: String,
    /// What it is called.
    pub brand: String,
    /// The maker's catalogue number (REF).
    pub reference: String,
    /// What it is.
    pub description: String,
    /// The kind of implant, such as `hip`.
    pub category: String,
    /// GMDN code of five digits, if known.
    pub gmdn: Option<String>,
    /// The side it is made for, if it has one.
    pub side: Option<ProductSide>,
    /// Size, as people say it.
    pub size: Option<String>,
    /// Each pack of it carries a lot.
    pub lot_expected: bool,
    /// Each pack of it carries a serial.
    pub serial_expected: bool,
    /// Each pack of it carries an expiry date.
    pub expiry_expected: bool,
    /// What it is known by; exactly one is primary.
    pub identifiers: Vec<ProductIdentifier>,
}

impl NewProduct {
    /// The same product with its texts trimmed and its identifiers in the catalogue's form, in order.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), naming the first thing that cannot be used.
    pub fn checked(mut self) -> Result<Self, Problem> {
        for (name, text, longest) in [
            ("maker", &mut self.maker, 120),
            ("brand", &mut self.brand, 120),
            ("reference", &mut self.reference, 60),
            ("description", &mut self.description, 400),
            ("category", &mut self.category, 40),
        ] {
            *text = text.trim().to_owned();
            if text.is_empty() || text.chars().count() > longest {
                return Err(Problem::invalid(format!("{name} is to have 1 to {longest} characters.")));
            }
        }
        self.size = self.size.map(|size| size.trim().to_owned()).filter(|size| !size.is_empty());
        self.gmdn = self.gmdn.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
        if let Some(code) = &self.gmdn
            && (code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(Problem::invalid(format!("\"{code}\" is not a GMDN code: five digits are wanted.")));
        }
        for one in &mut self.identifiers {
            one.identifier = one.issuer.identifier(&one.identifier)?.text;
            if one.quantity < 1 {
                return Err(Problem::invalid(format!("{} is to stand for one unit or more.", one.identifier)));
            }
        }
        self.identifiers.sort();
        if let Some(pair) = self
            .identifiers
            .windows(2)
            .find(|pair| pair[0].issuer == pair[1].issuer && pair[0].identifier == pair[1].identifier)
        {
            return Err(Problem::invalid(format!("{} is named twice.", pair[0].identifier)));
        }
        if self.identifiers.iter().filter(|one| one.kind == IdentifierKind::Primary).count() != 1 {
            return Err(Problem::invalid("Exactly one identifier is to be primary."));
        }
        Ok(self)
    }

    /// The row of the products' table.
    pub(super) fn product(&self, created_at: Moment) -> Product {
        Product {
            id: self.id,
            maker: self.maker.clone(),
            brand: self.brand.clone(),
            reference: self.reference.clone(),
            description: self.description.clone(),
            category: self.category.clone(),
            gmdn: self.gmdn.clone(),
            side: self.side,
            size: self.size.clone(),
            lot_expected: self.lot_expected,
            serial_expected: self.serial_expected,
            expiry_expected: self.expiry_expected,
            created_at,
        }
    }

    /// The identifier of the unit.
    pub fn primary(&self) -> Option<&ProductIdentifier> {
        self.identifiers.iter().find(|one| one.kind == IdentifierKind::Primary)
    }
}
