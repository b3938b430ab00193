using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;

namespace Engine.Client;

/// <summary>Connections over HTTP/2, encrypted as the options say.</summary>
internal static class EncryptedHandler
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="IOException">A certificate cannot be read.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "Connections use the certificate until the end.")]
    public static SocketsHttpHandler Of(EngineClientOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            // Calls of an engine that has lost its network fail after these two instead of at their deadlines.
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (options.Authority.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(options.Authority);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (options.Certificate.Length > 0)
        {
            handler.SslOptions.ClientCertificates =
                [X509Certificate2.CreateFromPemFile(options.Certificate, options.CertificateKey)];
        }

        return handler;
    }
}
