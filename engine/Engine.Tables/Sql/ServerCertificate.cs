using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Judges the server's certificate against the authorities of one file, or the system's, and remembers why it refused:
/// the driver's own check says only that it did.
/// </summary>
internal sealed class ServerCertificate(DataSource source, TlsMode mode)
{
    private readonly X509Certificate2Collection? _authorities = Load(source.Tls.CaFile);

    /// <summary>Why the last certificate was refused; null when it was not.</summary>
    public SourceException? Refusal { get; private set; }

    /// <summary>The driver's question.</summary>
    public bool Accepts(X509Certificate? certificate, SslPolicyErrors errors)
    {
        Refusal = mode is TlsMode.VerifyCa or TlsMode.VerifyFull ? Judge(certificate, errors) : null;
        return Refusal is null;
    }

    private SourceException? Judge(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return Refuse(SourceFault.UntrustedCertificate, "it has no certificate", "set one up on the server");
        }

        using var leaf = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (_authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        if (!chain.Build(leaf))
        {
            var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
            return (status & X509ChainStatusFlags.NotTimeValid) != 0
                && (status & ~X509ChainStatusFlags.NotTimeValid) == 0
                ? Refuse(
                    SourceFault.ExpiredCertificate,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"its certificate is valid from {leaf.NotBefore.ToUniversalTime():yyyy-MM-dd} to "
                        + $"{leaf.NotAfter.ToUniversalTime():yyyy-MM-dd} only"),
                    "renew it on the server (ADB: renew the cluster's certificate in the console), "
                    + "and check this machine's clock")
                : Refuse(
                    SourceFault.UntrustedCertificate,
                    $"its certificate, issued by '{leaf.Issuer}', does not come from a trusted authority ({status})",
                    source.Tls.CaFile is null
                        ? "download the server's authority and name it as tls.ca_file"
                        : $"put its authority into {source.Tls.CaFile}");
        }

        return mode == TlsMode.VerifyFull && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0
            ? Refuse(
                SourceFault.WrongHostCertificate,
                $"its certificate is for '{leaf.GetNameInfo(X509NameType.DnsName, forIssuer: false)}'",
                "use the host name that the certificate protects, or tls.mode verify_ca")
            : null;
    }

    private SourceException Refuse(SourceFault fault, string found, string next) =>
        new(fault, $"the server at {source.Place()} was refused: {found}. What to do: {next}.");

    private static X509Certificate2Collection? Load(string? file)
    {
        if (file is null)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TableException($"tls.ca_file {file} cannot be read: {e.Message} Give it certificates in PEM.", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new TableException($"tls.ca_file {file} holds no certificate: PEM was expected.");
    }
}
