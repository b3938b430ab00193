using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Engine.Server.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Engine.Server.Access;

/// <summary>
/// The certificate that new connections get. Open ones keep theirs, so a change drops no call. A certificate and a key
/// that do not fit yet, because one of the files is still the old one, change nothing.
/// </summary>
internal sealed partial class ServerCertificates
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly WatchedFile[] _files;
    private readonly AccessOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private volatile SslStreamCertificateContext? _certificate;
    private volatile X509Certificate2Collection? _authorities;
    private volatile X509Certificate2? _lent;
    private volatile string? _problem;

    /// <summary>Reads the files once, if there are any.</summary>
    /// <exception cref="InputException">They are missing, do not fit, or hold something else.</exception>
    public ServerCertificates(ServerOptions options, ILogger<ServerCertificates> logger)
    {
        (_options, _logger) = (options.Access, logger);
        _files =
            [.. new[]
            {
                _options.TlsCertificate,
                _options.TlsKey,
                _options.TlsPasswordFile,
                _options.TlsClientAuthority,
            }.Select(
                path => new WatchedFile(path))];
        if (_options.TlsCertificate.Length > 0)
        {
            _ = Changed();
            Take();
        }
    }

    /// <summary>Why the certificate in use is not the one in the files; null when it is.</summary>
    public string? Problem => _problem;

    /// <summary>Whether a certificate is the one that new connections get.</summary>
    public bool IsOwn(X509Certificate? found) =>
        found is not null && _certificate is { } own
        && own.TargetCertificate.RawDataMemory.Span.SequenceEqual(found.GetRawCertData());

    /// <summary>What Kestrel asks at each new connection.</summary>
    public TlsHandshakeCallbackOptions Handshake => new()
    {
        HandshakeTimeout = HandshakeTimeout,
        OnConnection = handshake => ValueTask.FromResult(Options(handshake.Connection)),
    };

    /// <summary>
    /// A certificate for connections of the server to itself until it is taken back; null when clients need none.
    /// </summary>
    public X509Certificate2? Lend(DateTimeOffset now) =>
        _lent = _authorities is null ? null : OwnCertificate.Create(now);

    /// <summary>The lent certificate opens no connection from now on.</summary>
    public void TakeBack() => _lent = null;

    /// <summary>Reads the files again if one has changed. Bad ones change nothing, and are logged once.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with the file must be known.")]
    public void Refresh()
    {
        lock (_reading)
        {
            try
            {
                // What was read and did not fit is tried again: its other half may have been unreadable for a moment.
                if (_certificate is not null && (Changed() || _problem is not null))
                {
                    Take();
                    var end = _certificate.TargetCertificate.NotAfter.ToUniversalTime();
                    LogChanged(_logger, _options.TlsCertificate, end);
                }
            }
            catch (Exception e)
            {
                if (_problem != e.Message)
                {
                    LogUnreadable(_logger, e.Message);
                }

                _problem = e.Message;
            }
        }
    }

    private SslServerAuthenticationOptions Options(BaseConnectionContext connection)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
        if (_authorities is { } authorities)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            if (_lent is { } lent && IsFromHere(connection))
            {
                options.CertificateChainPolicy.CustomTrustStore.Add(lent);
            }
        }

        return options;
    }

    private static bool IsFromHere(BaseConnectionContext connection) =>
        connection is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote }
        && remote.Address.Equals(local.Address);

    private bool Changed() =>
        _files.Where(file => file.Path.Length > 0).Select(file => file.Read()).ToArray().Any(changed => changed);

    private void Take()
    {
        try
        {
            var (leaf, chain) = IsPem() ? Pem() : Pfx();
            var authorities = _files[3].Path.Length > 0 ? Authorities() : null;
            (_certificate, _authorities) =
                (SslStreamCertificateContext.Create(leaf, chain, offline: true), authorities);
            _problem = null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException(
                $"--tls-certificate {_options.TlsCertificate} cannot be used ({e.Message.TrimEnd('.')}). "
                + "Give a PEM certificate with --tls-key, or a PFX with --tls-password-file",
                e);
        }
    }

    private bool IsPem() => Content(0).AsSpan().IndexOf("-----BEGIN"u8) >= 0;

    [SuppressMessage(
        "Reliability", "CA2000", Justification = "Connections use the certificate as long as the process lives.")]
    private (X509Certificate2 Leaf, X509Certificate2Collection Chain) Pem()
    {
        var certificates = Text(0);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        return (
            X509Certificate2.CreateFromPem(certificates, _files[1].Path.Length > 0 ? Text(1) : certificates), chain);
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Chain) Pfx()
    {
        var password = _files[2].Path.Length > 0 ? Text(2).TrimEnd('\r', '\n') : null;
        var chain = X509CertificateLoader.LoadPkcs12Collection(Content(0), password);
        return (chain.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException("it holds no private key"), chain);
    }

    private X509Certificate2Collection Authorities()
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Text(3));
        return authorities.Count > 0
            ? authorities
            : throw new InputException($"--tls-client-authority {_files[3].Path} holds no PEM certificate");
    }

    private string Text(int file) => Encoding.UTF8.GetString(Content(file));

    private byte[] Content(int file) =>
        _files[file].Content ?? throw new InputException($"{_files[file].Path} does not exist");

    [LoggerMessage(LogLevel.Information, "new connections get the certificate of {Path}, valid until {End:u}")]
    private static partial void LogChanged(ILogger logger, string path, DateTime end);

    [LoggerMessage(LogLevel.Error, "{Reason} (the certificate read before stays in use)")]
    private static partial void LogUnreadable(ILogger logger, string reason);
}
