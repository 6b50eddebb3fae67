//! Extractors: the signed-in user, and a user with a permission.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use super::acted::ActedBy;
use super::{Actor, Permission, SESSION_COOKIE, Token, User, cross_site, store as access_store};
use crate::error::{Code, Problem};
use crate::store::Store;
use crate::store::columns::Moment;

/// The user who sent the request, whatever their role.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    token: Token,
}

impl SignedIn {
    /// The user.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The user as an actor for audit rows.
    pub fn actor(&self) -> Actor {
        Actor::from(&self.user)
    }

    /// The token that this session's pages send back with each change.
    pub fn cross_site_token(&self) -> String {
        self.token.cross_site_token()
    }

    /// The session's own token.
    pub fn token(&self) -> &Token {
        &self.token
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            // One look-up per request, however many extractors ask.
            if let Some(known) = request.extensions().get::<Self>() {
                return Ok(known.clone());
            }
            let token = find_token(&request)?;
            let store = request
                .app_data::<web::Data<Store>>()
                .cloned()
                .ok_or_else(|| Problem::new(Code::Internal, "The application was built without its store."))?;
            let hash = token.hash();
            let user = store
                .read(move |connection| access_store::user_of_session(connection, &hash, Moment::now()))
                .await?
                .ok_or_else(|| Problem::new(Code::NotSignedIn, "The session has ended."))?;
            // What was signed on a tablet without a network is the act of whoever signed it, whoever sends it now.
            let user = request.extensions().get::<ActedBy>().map_or(user, |acted| acted.user().clone());
            let signed_in = Self { user, token };
            request.extensions_mut().insert(signed_in.clone());
            Ok(signed_in)
        })
    }
}

/// The token from `Authorization: Bearer` or from the cookie; the cookie's only where the request may use it.
fn find_token(request: &HttpRequest) -> Result<Token, Problem> {
    if let Some(value) = request.headers().get("authorization") {
        let bearer = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
        let text = bearer.ok_or_else(|| Problem::new(Code::NotSignedIn, "Authorization is not a Bearer token."))?;
        return Ok(Token::received(text.trim()));
    }
    let cookie = request
        .cookie(SESSION_COOKIE)
        .ok_or_else(|| Problem::new(Code::NotSignedIn, "The request carries no session."))?;
    let token = Token::received(cookie.value());
    cross_site::check(request, &token)?;
    Ok(token)
}

/// Proof that the signed-in user has permission `P`.
#[derive(Clone, Debug)]
pub struct Permit<P: Permission> {
    signed_in: SignedIn,
    permission: PhantomData<P>,
}

impl<P: Permission> std::ops::Deref for Permit<P> {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl<P: Permission> FromRequest for Permit<P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        Box::pin(async move {
            let signed_in = signed_in.await?;
            let role = signed_in.user.role;
            if P::ROLES.contains(&role) {
                Ok(Self { signed_in, permission: PhantomData })
            } else {
                Err(Problem::new(Code::NotPermitted, format!("The role {role} may not {}.", P::WORDS)))
            }
        })
    }
}
