namespace Engine;

/// <summary>
/// What the machine does not give: disk, rights, memory. Programs print the sentence, servers turn the kind into a
/// status.
/// </summary>
/// <param name="Kind">What is missing.</param>
/// <param name="Message">One sentence for a person: what happened, and what to do.</param>
public sealed record MachineFault(MachineFaultKind Kind, string Message)
{
    private const int NoMemory = 12;
    private const int TooManyFiles = 24;
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int Quota = 122;
    private const int WindowsNoSpace = unchecked((int)0x80070070);

    /// <summary>The fault behind an exception, or null when it is none of these.</summary>
    public static MachineFault? Of(Exception exception) => exception switch
    {
        OutOfMemoryException =>
            new(
                MachineFaultKind.Memory,
                "there is not enough memory. Ask for less at a time, try again later, or give the program more memory"),
        UnauthorizedAccessException =>
            new(
                MachineFaultKind.Rights,
                $"a right is missing: {Plain(exception)}. Give the user of this program the "
                + "right to read and write there"),
        // A message of this program's own is a sentence already.
        IOException own when own.GetType().Assembly != typeof(IOException).Assembly =>
            OfFile(own) with { Message = own.Message },
        IOException => OfFile(exception),
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => null,
    };

    /// <summary>The message of an exception as a person should read it.</summary>
    public static string Sentence(Exception exception) => Of(exception)?.Message ?? exception.Message;

    private static MachineFault OfFile(Exception exception) => Number(exception) switch
    {
        NoSpace or WindowsNoSpace =>
            new(MachineFaultKind.Space, $"the disk is full: {Plain(exception)}. Free some space, then try again"),
        Quota =>
            new(
                MachineFaultKind.Space,
                $"the disk quota is used up: {Plain(exception)}. Raise it or free some space, then try again"),
        ReadOnly =>
            new(
                MachineFaultKind.Rights,
                $"the file system is read-only: {Plain(exception)}. Mount it writable, then try again"),
        NoMemory =>
            new(
                MachineFaultKind.Memory,
                $"there is not enough memory: {Plain(exception)}. Try again later, or give the program more memory"),
        TooManyFiles =>
            new(
                MachineFaultKind.Files,
                $"too many files are open: {Plain(exception)}. Try again later, or raise the limit of open files"),
        _ =>
            new(
                MachineFaultKind.Input,
                $"a file cannot be read or written: {Plain(exception)}. Check the disk and the path, then try again"),
    };

    // On Unix the number of the operating system; a wrapped exception keeps it inside.
    private static int Number(Exception exception) =>
        exception.HResult is NoMemory or TooManyFiles or NoSpace or ReadOnly or Quota or WindowsNoSpace
        || exception.InnerException is null
            ? exception.HResult
            : Number(exception.InnerException);

    private static string Plain(Exception exception) => exception.Message.TrimEnd('.');
}

/// <summary>What is missing.</summary>
public enum MachineFaultKind
{
    /// <summary>Reading or writing failed otherwise.</summary>
    Input,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Space on the disk.</summary>
    Space,

    /// <summary>The right to read or write.</summary>
    Rights,

    /// <summary>Open files.</summary>
    Files,
}
