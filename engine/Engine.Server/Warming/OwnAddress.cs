using System.Security.Cryptography.X509Certificates;

namespace Engine.Server.Warming;

/// <summary>An address at which the server reaches itself.</summary>
/// <param name="Url">On this machine.</param>
/// <param name="TakesGrpc">HTTP/2.</param>
/// <param name="TakesJson">HTTP/1.1.</param>
/// <param name="IsOwn">Whether a certificate is the server's: its name is not that of this machine.</param>
internal sealed record OwnAddress(Uri Url, bool TakesGrpc, bool TakesJson, Func<X509Certificate?, bool> IsOwn);
