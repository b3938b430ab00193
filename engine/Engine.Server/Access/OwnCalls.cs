using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Engine.Server.Workspaces;

namespace Engine.Server.Access;

/// <summary>
/// The calls that the server makes to itself before it is ready. They pass all checks, with a key and a certificate
/// that are in no file and valid until they end, and are counted apart. Costs a call nothing but a look at a field
/// afterwards.
/// </summary>
internal sealed class OwnCalls(
    KeyRing keys, ServerCertificates certificates, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Carries the mark of an own call.</summary>
    public const string Header = "engine-own";

    private const int MarkLength = 32;

    private volatile string? _mark;

    /// <summary>Begins: from now on calls with this mark are own ones.</summary>
    /// <returns>The mark, the key to call with, and the certificate to show where clients need one.</returns>
    public (string Mark, string Key, X509Certificate2? Certificate) Begin()
    {
        var now = time.GetUtcNow();
        var key = keys.Lend("the engine itself", ["read", "audience"], now);
        return (_mark = RandomNumberGenerator.GetHexString(MarkLength), key, certificates.Lend(now));
    }

    /// <summary>Ends: mark, key and certificate are worth nothing any more.</summary>
    public void End()
    {
        _mark = null;
        keys.TakeBack();
        certificates.TakeBack();
        metrics.EndOwn();
    }

    /// <summary>The middleware: counts own calls apart.</summary>
    public Task CountApart(HttpContext http, RequestDelegate next)
    {
        if (_mark is { } mark && http.Request.Headers[Header] is [{ } found]
            && string.Equals(found, mark, StringComparison.Ordinal))
        {
            metrics.CountAsOwn();
        }

        return next(http);
    }
}
