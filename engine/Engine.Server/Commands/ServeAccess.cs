using System.CommandLine;
using Engine.Server.Configuration;

namespace Engine.Server.Commands;

/// <summary>The options of serve about who gets in.</summary>
internal sealed class ServeAccess
{
    private readonly List<Action<ParseResult, AccessOptions>> _setters = [];
    private readonly Command _command;

    /// <summary>Adds the options to the command.</summary>
    public ServeAccess(Command command)
    {
        _command = command;
        var defaults = new AccessOptions();
        Add(
            "--tls-certificate",
            "The certificate of https:// addresses: PEM with its chain, or PFX. "
            + "A changed file is used for new connections.",
            "",
            (options, value) => options.TlsCertificate = value);
        Add("--tls-key", "The private key of a PEM certificate.", "", (options, value) => options.TlsKey = value);
        Add(
            "--tls-password-file",
            "A file with the password of the PFX.",
            "",
            (options, value) => options.TlsPasswordFile = value);
        Add(
            "--tls-client-authority",
            "PEM certificates of the authorities whose clients may connect. Without it, clients need no certificate.",
            "",
            (options, value) => options.TlsClientAuthority = value);
        Add(
            "--allow-cleartext",
            "Allow grpc:// and http:// on addresses that are not loopback.",
            false,
            (options, value) => options.AllowCleartext = value);
        Add(
            "--allow-anonymous",
            "Allow addresses that are not loopback without keys and tokens.",
            false,
            (options, value) => options.AllowAnonymous = value);
        Add(
            "--keys",
            "The file of keys. Default: .access/keys.json below --snapshots.",
            "",
            (options, value) => options.Keys = value);
        Add(
            "--jwt-keys",
            "A JSON Web Key Set: public keys of the tokens that are accepted beside keys.",
            "",
            (options, value) => options.JwtKeys = value);
        Add("--jwt-issuer", "The issuer that tokens must have.", "", (options, value) => options.JwtIssuer = value);
        Add(
            "--jwt-audience",
            "The audience that tokens must have.",
            "",
            (options, value) => options.JwtAudience = value);
        Add(
            "--jwt-scope-claim",
            "The claim with the scopes of a token.",
            defaults.JwtScopeClaim,
            (options, value) => options.JwtScopeClaim = value);
        Add(
            "--allowed-hosts",
            "Host names that requests may carry beside localhost and IP addresses; *.NAME covers subdomains, * all.",
            defaults.AllowedHosts,
            (options, value) => options.AllowedHosts = value);
        Add(
            "--allowed-origins",
            "Origins whose pages may call from a browser, for example https://shop.example.",
            defaults.AllowedOrigins,
            (options, value) => options.AllowedOrigins = value);
        Add(
            "--writable-tables",
            "Tables that tasks may write into, each as SOURCE/TABLE.",
            defaults.WritableTables,
            (options, value) => options.WritableTables = value);
        Add(
            "--cheap-per-second",
            "Cheap calls per second and key, 1..1000000.",
            defaults.CheapPerSecond,
            (options, value) => options.CheapPerSecond = value);
        Add(
            "--cheap-at-once",
            "Cheap calls of a key at once, 1..100000.",
            defaults.CheapAtOnce,
            (options, value) => options.CheapAtOnce = value);
        Add(
            "--heavy-per-second",
            "Heavy calls per second and key, 1..1000000.",
            defaults.HeavyPerSecond,
            (options, value) => options.HeavyPerSecond = value);
        Add(
            "--heavy-at-once",
            "Heavy calls of a key at once, 1..100000.",
            defaults.HeavyAtOnce,
            (options, value) => options.HeavyAtOnce = value);
        Add(
            "--audit-mebibytes",
            "MiB of one file of the audit log, 1..1024.",
            defaults.AuditMebibytes,
            (options, value) => options.AuditMebibytes = value);
        Add(
            "--audit-files",
            "Files of the audit log that are kept, 1..10000.",
            defaults.AuditFiles,
            (options, value) => options.AuditFiles = value);
    }

    /// <summary>What the command line says.</summary>
    public AccessOptions Of(ParseResult parsed)
    {
        var options = new AccessOptions();
        foreach (var set in _setters)
        {
            set(parsed, options);
        }

        return options;
    }

    private void Add<T>(string name, string description, T fallback, Action<AccessOptions, T> set)
    {
        var option = new Option<T>(name)
        {
            Description = description,
            DefaultValueFactory = _ => fallback,
            AllowMultipleArgumentsPerToken = fallback is string[],
        };
        _command.Add(option);
        _setters.Add((parsed, options) => set(options, parsed.GetRequiredValue(option)));
    }
}
