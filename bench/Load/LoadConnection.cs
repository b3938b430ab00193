using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Engine;

namespace Bench.Load;

/// <summary>How the generator connects.</summary>
/// <param name="Target">The server: http or https.</param>
/// <param name="Connections">Connections, 1 to 1,000.</param>
/// <param name="Limit">The time limit of a call.</param>
internal sealed record LoadConnection(Uri Target, int Connections, TimeSpan Limit)
{
    /// <summary>The API key; empty sends none.</summary>
    public string Key { get; init; } = "";

    /// <summary>A PEM file of the only authorities that are trusted; empty means the machine's.</summary>
    public string Authority { get; init; } = "";

    /// <summary>Accept every certificate.</summary>
    public bool Insecure { get; init; }

    /// <summary>A handler with connections of its own.</summary>
    /// <exception cref="InputException">The authority cannot be read.</exception>
    public SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        if (Insecure)
        {
#pragma warning disable CA5359 // Only when the caller says --insecure.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (Authority.Length > 0)
        {
            // Revocation is not checked: an authority of one's own rarely publishes lists.
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(Authority);
            }
            catch (CryptographicException e)
            {
                throw new InputException($"--ca {Authority}: found no PEM certificates: {e.Message}", e);
            }

            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }
}
