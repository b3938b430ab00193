using System.Security.Cryptography;
using Engine.Server.Workspaces;

namespace Engine.Server.Access;

/// <summary>
/// The calls that the server makes to itself before it is ready. They pass all doors, with a key that is in no file and
/// valid until they end, and are counted apart. Costs a call nothing but a look at a field afterwards.
/// </summary>
internal sealed class OwnCalls(KeyRing keys, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Carries the mark of an own call.</summary>
    public const string Header = "engine-own";

    private const int MarkLength = 32;

    private volatile string? _mark;

    /// <summary>Begins: from now on calls with this mark are own ones.</summary>
    /// <returns>The mark, and the key to call with.</returns>
    public (string Mark, string Key) Begin()
    {
        var key = keys.Lend("the engine itself", ["read", "audience"], time.GetUtcNow());
        return (_mark = RandomNumberGenerator.GetHexString(MarkLength), key);
    }

    /// <summary>Ends: mark and key are worth nothing any more.</summary>
    public void End()
    {
        _mark = null;
        keys.TakeBack();
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
