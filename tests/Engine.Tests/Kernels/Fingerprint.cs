using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Engine.Tests.Kernels;

/// <summary>A hash over the bits of results, to compare processes.</summary>
internal sealed class Fingerprint
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _values;

    public void Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
#pragma warning disable RS0030 // A test reads bytes of plain values.
        _hash.AppendData(MemoryMarshal.AsBytes(values));
#pragma warning restore RS0030
        _values += values.Length;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_values} values {Convert.ToHexString(_hash.GetHashAndReset())}");
}
