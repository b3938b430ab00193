namespace Engine.Snapshots.Writing;

/// <summary>
/// A change could not be stored; what was stored before is unchanged. The message says why and what to do.
/// </summary>
public class StorageException : IOException
{
    private const int Denied = 13;
    private const int Full = 28;
    private const int ReadOnly = 30;
    private const int Quota = 122;
    private const int WindowsFull = unchecked((int)0x80070070);

    /// <summary>With a message of its own.</summary>
    public StorageException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>From what the operating system reported.</summary>
    /// <param name="path">What was to be written.</param>
    /// <param name="cause">An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    public static StorageException Of(string path, Exception cause) =>
        cause as StorageException
            ?? new StorageException($"cannot write {path}: {Reason(cause)}. Nothing was changed", cause);

    private static string Reason(Exception cause) => cause.HResult switch
    {
        Full or WindowsFull => "the disk is full. Free some space, then repeat the call",
        Quota => "the disk quota is used up. Raise it or free some space, then repeat the call",
        ReadOnly => "the file system is read-only. Mount it writable, then repeat the call",
        _ when cause is UnauthorizedAccessException && IsReadOnly(cause) =>
            "the file system is read-only. Mount it writable, then repeat the call",
        Denied => "the right to write is missing. Give it to the user of this process, then repeat the call",
        _ when cause is UnauthorizedAccessException =>
            "the right to write is missing. Give it to the user of this process, then repeat the call",
        _ => cause.Message.TrimEnd('.'),
    };

    // .NET reports EROFS, EACCES and EPERM as one exception; the inner one keeps the number.
    private static bool IsReadOnly(Exception cause) => cause.InnerException is { HResult: ReadOnly };
}
