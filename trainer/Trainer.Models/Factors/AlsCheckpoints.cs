using System.Globalization;
using System.Security.Cryptography;
using Engine;
using Engine.Snapshots.Writing;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Lets an interrupted <see cref="Als"/> resume: keeps the user factors and the report after each epoch but the last.
/// Files are named by everything that determines the result of an epoch (data, settings, seed, start; not the number of
/// epochs), so that a run never resumes from other data. A damaged file is ignored.
/// </summary>
/// <param name="folder">The folder of the files; created at the first save.</param>
/// <param name="share">
/// The share of a course's time that saves may take, 0..1: a save that would exceed it is skipped.
/// </param>
public sealed class AlsCheckpoints(string folder, double share = 1)
{
    private const int Magic = 0x31534C41; // "ALS1"
    private const int Chunk = 1 << 16;

    private string _course = "";
    private long _saved;
    private TimeSpan _took;

    /// <summary>The name of a course.</summary>
    public static string NameOf(InteractionMatrix interactions, AlsOptions options, FactorMatrix? start)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var course = options with { Epochs = 1 };
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{course} {interactions.RowCount} {interactions.ColumnCount} {start?.RowCount}")));
        AppendTo(hash, interactions.Offsets);
        AppendTo(hash, interactions.Columns);
        AppendTo(hash, interactions.Weights);
        AppendTo(hash, start?.Values ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));
    }

    /// <summary>
    /// Reads the users of a course; returns its finished epochs, none when there is nothing to resume.
    /// </summary>
    public List<AlsEpoch> Load(string name, FactorMatrix users)
    {
        try
        {
            var bytes = File.ReadAllBytes(PathOf(name));
            var body = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
            if (!SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(body.Length)))
            {
                return [];
            }

            using var reader = new BinaryReader(new MemoryStream(bytes, 0, body.Length));
            if (reader.ReadInt32() != Magic
                || reader.ReadInt32() is var epochs && reader.ReadInt32() != users.Values.Length)
            {
                return [];
            }

            var reported = Enumerable.Range(1, epochs).Select(number => ReadEpoch(reader, number)).ToList();
            Buffer.BlockCopy(
                bytes, (int)reader.BaseStream.Position, users.Values, 0, users.Values.Length * sizeof(float));
            return reported;
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Keeps the users after the last of <paramref name="epochs"/>; the first of a course always.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void Save(string name, FactorMatrix users, IReadOnlyList<AlsEpoch> epochs, TimeProvider time)
    {
        var start = time.GetTimestamp();
        if (name == _course && time.GetElapsedTime(_saved, start) * share < _took * (1 - share))
        {
            return;
        }

        Write(name, users, epochs);
        (_course, _saved, _took) = (name, time.GetTimestamp(), time.GetElapsedTime(start));
    }

    /// <summary>Deletes all checkpoints.</summary>
    public void Clear()
    {
        if (Directory.Exists(folder))
        {
            foreach (var path in (string[])
                [.. Directory.GetFiles(folder, "als-*.checkpoint"), .. Directory.GetFiles(folder, "*.partial")])
            {
                File.Delete(path);
            }
        }
    }

    private void Write(string name, FactorMatrix users, IReadOnlyList<AlsEpoch> epochs)
    {
        try
        {
            AtomicFile.Write(PathOf(name), file =>
            {
                using var hash = SHA256.Create();
                using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
                using (var writer = new BinaryWriter(hashed))
                {
                    Write(writer, users.Values, epochs);
                }

                file.Write(hash.Hash!);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot write a checkpoint to {folder}: {e.Message} Choose an --out folder that can be written.", e);
        }
    }

    private string PathOf(string name) => Path.Combine(folder, $"als-{name}.checkpoint");

    private static void Write(BinaryWriter writer, float[] users, IReadOnlyList<AlsEpoch> epochs)
    {
        writer.Write(Magic);
        writer.Write(epochs.Count);
        writer.Write(users.Length);
        foreach (var epoch in epochs)
        {
            writer.Write(epoch.Loss);
            writer.Write(epoch.Unobserved);
            writer.Write(epoch.Regularization);
            writer.Write(epoch.GramianTime.Ticks);
            writer.Write(epoch.ItemTime.Ticks);
            writer.Write(epoch.UserTime.Ticks);
        }

        ForBytes(users, bytes => writer.Write(bytes));
    }

    private static AlsEpoch ReadEpoch(BinaryReader reader, int number) => new(
        number,
        reader.ReadDouble(),
        reader.ReadDouble(),
        reader.ReadDouble(),
        new TimeSpan(reader.ReadInt64()),
        new TimeSpan(reader.ReadInt64()),
        new TimeSpan(reader.ReadInt64()));

    private static void AppendTo<T>(IncrementalHash hash, T[] values)
        where T : unmanaged => ForBytes(values, bytes => hash.AppendData(bytes));

    private delegate void Take(ReadOnlySpan<byte> bytes);

    private static void ForBytes<T>(T[] values, Take take)
        where T : unmanaged
    {
        var buffer = new byte[Chunk];
        for (long at = 0, length = Buffer.ByteLength(values); at < length; at += Chunk)
        {
            var count = (int)Math.Min(Chunk, length - at);
            Buffer.BlockCopy(values, (int)at, buffer, 0, count);
            take(buffer.AsSpan(0, count));
        }
    }
}
