//! What a filter can be about.

/// What a term is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// A product's identifier in the registry.
    Device,
    /// The kind of implant.
    Category,
    /// GMDN code.
    Gmdn,
    /// Who makes it.
    Maker,
    /// What it is called: a family of devices.
    Brand,
    /// Catalogue number.
    Reference,
    /// Size.
    Size,
    /// OPCS-4 code of the operation.
    Procedure,
    /// ODS code of the site.
    Site,
    /// Side of the body.
    Side,
    /// The patient's sex.
    Sex,
    /// The patient's age in years at the operation.
    Age,
    /// The surgeon who led the operation, by the registry's own identifier.
    Surgeon,
    /// Why it was done.
    Indication,
    /// The patient's body mass index.
    Bmi,
    /// The patient's ASA grade.
    Asa,
    /// When it was implanted.
    Implanted,
    /// The last day of which anything is known.
    Until,
}

impl Term {
    /// Every term in the order in which a filter is written.
    pub const ALL: [Self; 18] = [
        Self::Device,
        Self::Category,
        Self::Gmdn,
        Self::Maker,
        Self::Brand,
        Self::Reference,
        Self::Size,
        Self::Procedure,
        Self::Site,
        Self::Side,
        Self::Sex,
        Self::Age,
        Self::Surgeon,
        Self::Indication,
        Self::Bmi,
        Self::Asa,
        Self::Implanted,
        Self::Until,
    ];

    /// Its name in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Category => "category",
            Self::Gmdn => "gmdn",
            Self::Maker => "maker",
            Self::Brand => "brand",
            Self::Reference => "reference",
            Self::Size => "size",
            Self::Procedure => "procedure",
            Self::Site => "site",
            Self::Side => "side",
            Self::Sex => "sex",
            Self::Age => "age",
            Self::Surgeon => "surgeon",
            Self::Indication => "indication",
            Self::Bmi => "bmi",
            Self::Asa => "asa",
            Self::Implanted => "implanted",
            Self::Until => "until",
        }
    }

    /// Whether the catalogue answers it, and not the record of the operation.
    pub fn is_of_the_product(self) -> bool {
        self <= Self::Size
    }
}
