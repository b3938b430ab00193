using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Engine.Server.Access;

/// <summary>
/// The certificate that the server shows itself where clients must show one. Its key exists in the memory of this
/// process alone, and it can sign no other certificate.
/// </summary>
internal static class OwnCertificate
{
    /// <summary>Makes one.</summary>
    public static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=the engine itself", key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(false, false, 0, true) },
        };
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
