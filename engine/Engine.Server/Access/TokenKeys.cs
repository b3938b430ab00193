using System.Diagnostics.CodeAnalysis;
using System.Text;
using Engine.Server.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Engine.Server.Access;

/// <summary>The public keys that sign tokens, from a file in the form of a JSON Web Key Set.</summary>
internal sealed partial class TokenKeys
{
    private readonly WatchedFile _file;
    private readonly ILogger _logger;
    private volatile SecurityKey[] _keys = [];
    private volatile string? _problem;

    /// <summary>Reads the file once.</summary>
    /// <exception cref="InputException">It is missing or no key set.</exception>
    public TokenKeys(ServerOptions options, ILogger<TokenKeys> logger)
    {
        (_file, _logger) = (new WatchedFile(options.Access.JwtKeys), logger);
        if (options.Access.JwtKeys.Length > 0)
        {
            _file.Read();
            Take();
        }
    }

    /// <summary>Those that are valid now.</summary>
    public IReadOnlyList<SecurityKey> Current => _keys;

    /// <summary>Why the token keys in use are not those in the file; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>Reads the file again if it has changed. A damaged one changes nothing, and is logged once.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with the file must be known.")]
    public void Refresh()
    {
        try
        {
            if (_file.Path.Length > 0 && (_file.Read() || _problem is not null))
            {
                Take();
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

    private void Take()
    {
        try
        {
            var content = _file.Content ?? throw new InputException($"--jwt-keys {_file.Path} does not exist");
            var keys = new JsonWebKeySet(Encoding.UTF8.GetString(content)).GetSigningKeys();
            // A symmetric key in this file could sign tokens for everybody who reads it.
            var found = keys.Where(key => key is AsymmetricSecurityKey or JsonWebKey { Kty: "RSA" or "EC" }).ToArray();
            _keys = found.Length > 0
                ? found
                : throw new InputException(
                    $"--jwt-keys {_file.Path} holds no RSA or EC key; expected at least one public key");
            _problem = null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new InputException($"--jwt-keys {_file.Path} is no JSON Web Key Set ({e.Message})", e);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Reason} (the token keys read before stay valid)")]
    private static partial void LogUnreadable(ILogger logger, string reason);
}
