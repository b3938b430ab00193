using System.Runtime.InteropServices;
using System.Text.Json;
using Trainer.Models.Matrices;

namespace Bench;

/// <summary>
/// A folder of interactions: header.json, indptr.i64, indices.i32, values.f32 (little-endian); see README.md.
/// </summary>
internal static class InteractionFiles
{
    /// <summary>Reads the users-by-items matrix; counts become weights of 1 when <paramref name="binary"/>.</summary>
    public static InteractionMatrix Read(string folder, bool binary)
    {
        using var header = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "header.json")));
        var users = header.RootElement.GetProperty("users").GetInt32();
        var items = header.RootElement.GetProperty("items").GetInt32();
        var weights = ReadArray<float>(Path.Combine(folder, "values.f32"));
        if (binary)
        {
            Array.Fill(weights, 1f);
        }

        return new InteractionMatrix(
            users,
            items,
            ReadArray<long>(Path.Combine(folder, "indptr.i64")),
            ReadArray<int>(Path.Combine(folder, "indices.i32")),
            weights);
    }

    /// <summary>A file of raw numbers.</summary>
    public static T[] ReadArray<T>(string path)
        where T : unmanaged
    {
        using var file = File.OpenRead(path);
#pragma warning disable RS0030 // A file of raw numbers is read as its bytes.
        var values = new T[file.Length / Marshal.SizeOf<T>()];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
#pragma warning restore RS0030
        return values;
    }
}
