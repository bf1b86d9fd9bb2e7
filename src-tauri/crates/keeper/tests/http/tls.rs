//! Whose certificates are trusted: the system's, and no others.

use std::sync::Arc;

use crate::support::{refresh_at, rerun, response};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use tokenkeep_keeper::http::HttpClient;
use tokenkeep_oauth::{ProblemKind, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A provider with a certificate of its own making, which is returned in PEM.
async fn start() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            // The request is small enough to come in one piece or two; its end is the token.
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).contains("refresh_token=") {
                stream.read_buf(&mut request).await.unwrap();
            }
            let answer = response(200, "", r#"{"access_token":"a"}"#);
            stream.write_all(&answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (url, cert.pem())
}

async fn ask(server: &str) -> Reply {
    refresh_at(&Url::parse(server).unwrap(), &HttpClient::new().unwrap()).await
}

#[tokio::test]
async fn a_certificate_that_the_system_trusts_since_it_was_refused_is_trusted() {
    if let Some(server) = rerun::asked() {
        let server = Url::parse(&server).unwrap();
        let client = HttpClient::new().unwrap();
        let reply = refresh_at(&server, &client).await;
        assert!(
            matches!(&reply, Reply::NotSent(problem) if problem.kind == ProblemKind::Tls),
            "{reply:?}"
        );
        // The system is updated.
        let file = std::env::var_os("SSL_CERT_FILE").unwrap();
        std::fs::copy(std::env::var_os("UPDATED").unwrap(), file).unwrap();
        let reply = refresh_at(&server, &client).await;
        assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
        return;
    }
    let (url, pem) = start().await;
    let (_, other) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, pem: String| {
        let file = folder.path().join(name);
        std::fs::write(&file, pem).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let variables = [
        ("SSL_CERT_FILE", file("authorities.pem", other)),
        ("UPDATED", file("updated.pem", pem)),
    ];
    let name = "tls::a_certificate_that_the_system_trusts_since_it_was_refused_is_trusted";
    rerun::run(name, &url, &variables).await;
}

#[tokio::test]
async fn an_unknown_certificate_means_that_nothing_was_sent() {
    let (url, _) = start().await;
    let reply = ask(&url).await;
    assert!(
        matches!(&reply, Reply::NotSent(problem) if problem.kind == ProblemKind::Tls),
        "{reply:?}"
    );
}

#[tokio::test]
async fn a_certificate_that_the_system_trusts_is_trusted() {
    if let Some(server) = rerun::asked() {
        let reply = ask(&server).await;
        assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
        return;
    }
    let (url, pem) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    std::fs::write(&file, pem).unwrap();
    let variables = [("SSL_CERT_FILE", file.to_str().unwrap().to_owned())];
    rerun::run(
        "tls::a_certificate_that_the_system_trusts_is_trusted",
        &url,
        &variables,
    )
    .await;
}
