using System.ComponentModel.DataAnnotations;

namespace Engine.Server.Configuration;

/// <summary>
/// Who gets in, and how: the settings of `serve` about encryption, keys, tokens, browsers and limits.
/// </summary>
internal sealed class AccessOptions
{
    [Setting(
        "The certificate of https:// addresses: PEM with its chain, or PFX. "
        + "A changed file is used for new connections.")]
    public string TlsCertificate { get; set; } = "";

    [Setting("The private key of a PEM certificate. Without it, the key is in the same file.")]
    public string TlsKey { get; set; } = "";

    [Setting("A file with the password of the PFX.")]
    public string TlsPasswordFile { get; set; } = "";

    [Setting(
        "PEM certificates of the authorities whose clients may connect. Without it, clients need no certificate.")]
    public string TlsClientAuthority { get; set; } = "";

    [Setting(
        "Allow grpc:// and http:// on addresses that are not loopback: something in front of the engine encrypts.")]
    public bool AllowCleartext { get; set; }

    [Setting(
        "Allow addresses that are not loopback without keys and tokens: something in front of the engine decides who "
        + "gets in.")]
    public bool AllowAnonymous { get; set; }

    [Setting("The file of keys.", Default = ".access/keys.json below `snapshots`")]
    public string Keys { get; set; } = "";

    [Setting(
        "A JSON Web Key Set: public keys of the tokens that are accepted beside keys. A changed file is read again.")]
    public string JwtKeys { get; set; } = "";

    [Setting("The issuer that tokens must have.")]
    public string JwtIssuer { get; set; } = "";

    [Setting("The audience that tokens must have.")]
    public string JwtAudience { get; set; } = "";

    [Required]
    [Setting("The claim with the scopes of a token, separated by spaces or as an array.")]
    public string JwtScopeClaim { get; set; } = "scope";

    [Setting("Host names that requests may carry beside localhost and IP addresses; *.NAME covers subdomains, * all.")]
    public string[] AllowedHosts { get; set; } = [];

    [Setting("Origins whose pages may call from a browser, for example https://shop.example.")]
    public string[] AllowedOrigins { get; set; } = [];

    [Setting("Tables that tasks may write into, each as SOURCE/TABLE.")]
    public string[] WritableTables { get; set; } = [];

    [Range(1, 1_000_000)]
    [Setting("Cheap calls per second and key.")]
    public int CheapPerSecond { get; set; } = 5_000;

    [Range(1, 100_000)]
    [Setting("Cheap calls of a key at once.")]
    public int CheapAtOnce { get; set; } = 256;

    [Range(1, 1_000_000)]
    [Setting("Heavy calls per second and key.")]
    public int HeavyPerSecond { get; set; } = 20;

    [Range(1, 100_000)]
    [Setting("Heavy calls of a key at once.")]
    public int HeavyAtOnce { get; set; } = 4;

    [Range(1, 1_024)]
    [Setting("MiB of one file of the audit log.")]
    public int AuditMebibytes { get; set; } = 16;

    [Range(1, 10_000)]
    [Setting("Files of the audit log that are kept.")]
    public int AuditFiles { get; set; } = 20;
}
